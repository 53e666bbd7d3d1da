using Funion.Roles;

namespace Funion.Hosting;

/// <summary>The one knob between idle cost and lateness: how often a host looks at its queues.</summary>
public enum LatencyProfile
{
    /// <summary>At least once a second.</summary>
    Responsive,

    /// <summary>At least every ten seconds: an idle node costs a tenth, every hop takes longer, and slots are less exact.</summary>
    Economical,
}

/// <summary>What a profile means to a node.</summary>
public static class LatencyProfiles
{
    /// <summary>
    /// A timer draws the slots of the next minute, and fires late at times; so two minutes are drawn ahead. A token appears two polls early.
    /// </summary>
    public static NodePace Pace(this LatencyProfile profile)
    {
        TimeSpan poll = profile == LatencyProfile.Responsive ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(10);
        return new NodePace(poll, TimeSpan.FromMinutes(2), 2 * poll, (3 * poll) + TimeSpan.FromSeconds(2));
    }
}
