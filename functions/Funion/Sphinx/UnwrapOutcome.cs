namespace Funion.Sphinx;

/// <summary>What a packet turned out to be.</summary>
public enum UnwrapOutcome
{
    /// <summary>For the next hop.</summary>
    Forward,

    /// <summary>For a service at this node.</summary>
    Deliver,

    /// <summary>A reply for a mailbox at this node.</summary>
    SurbReply,

    /// <summary>Not the network's size.</summary>
    WrongSize,

    /// <summary>Of another version.</summary>
    UnknownVersion,

    /// <summary>Of an epoch whose key this hop does not have, or no longer.</summary>
    WrongEpoch,

    /// <summary>The KEM ciphertext can be nobody's.</summary>
    BadKey,

    /// <summary>Not made for this hop, or changed on the way.</summary>
    BadMac,

    /// <summary>Authentic, but its commands make no sense: a bug or malice of its author.</summary>
    BadCommands,

    /// <summary>The payload was changed on the way.</summary>
    BadPayload,
}
