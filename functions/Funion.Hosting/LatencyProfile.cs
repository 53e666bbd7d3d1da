using Funion.Roles;

namespace Funion.Hosting;

/// <summary>How often a host looks at its queues.</summary>
public enum LatencyProfile
{
    /// <summary>At least once a second.</summary>
    Responsive,

    /// <summary>At least every ten seconds: a tenth of the looks, but every hop takes longer, tokens are held longer, and slots are less exact.</summary>
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
