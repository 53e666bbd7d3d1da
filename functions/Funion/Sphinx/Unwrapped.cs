using Funion.Network;

namespace Funion.Sphinx;

/// <summary>The result of peeling one layer. Which members mean something depends on <see cref="Outcome"/>; spans lie in the packet's own buffer.</summary>
public readonly ref struct Unwrapped
{
    /// <summary>What the packet turned out to be.</summary>
    public UnwrapOutcome Outcome { get; init; }

    /// <summary>Remembered so that the packet is processed once. Meaningful whenever the MAC was right.</summary>
    public ReplayTag ReplayTag { get; init; }

    /// <summary>Epoch of the key that opened the packet.</summary>
    public long Epoch { get; init; }

    /// <summary>How long the hop holds the packet.</summary>
    public uint DelayMilliseconds { get; init; }

    /// <summary>Forward: where to; the packet's buffer holds what to send.</summary>
    public NodeId NextHop { get; init; }

    /// <summary>Deliver: the service. SurbReply: the mailbox.</summary>
    public RecipientId Recipient { get; init; }

    /// <summary>SurbReply: which reply block was used.</summary>
    public SurbId SurbId { get; init; }

    /// <summary>Deliver: the reply block.</summary>
    public ReadOnlySpan<byte> Surb { get; init; }

    /// <summary>Deliver: what the sender says.</summary>
    public ReadOnlySpan<byte> UserPayload { get; init; }

    /// <summary>SurbReply: the payload, for the SURB's owner to open.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }
}
