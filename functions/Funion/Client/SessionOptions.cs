using Funion.Network;

namespace Funion.Client;

/// <summary>How a <see cref="FunionSession"/> runs.</summary>
public sealed record SessionOptions
{
    /// <summary>The authorities by which newer documents are taken over; null: none are.</summary>
    public TrustedAuthorities? Pin { get; init; }

    /// <summary>The gateway to stay with; null, or one that the network has no more: one is drawn.</summary>
    public NodeId? Gateway { get; init; }

    /// <summary>Where streams under way are noted, against a crash; null: nowhere. The caller's to dispose, after the session.</summary>
    public Leftovers? Leftovers { get; init; }

    /// <summary>Null: the system's.</summary>
    public TimeProvider? Clock { get; init; }
}
