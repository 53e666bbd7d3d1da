namespace Funion.Private.Protocol;

/// <summary>What a phase came to. The numbers are those of the answer to an <see cref="Offer"/>. After anything but <see cref="Done"/> the channel is over.</summary>
public enum ProtocolOutcome
{
    /// <summary>To its end.</summary>
    Done = 0,

    /// <summary>The other side left, or the line broke.</summary>
    Closed = 1,

    /// <summary>A message was not of the one size that its step has.</summary>
    WrongSize = 2,

    /// <summary>Another message was due.</summary>
    WrongOrder = 3,

    /// <summary>Not an encoding that an honest party writes.</summary>
    Malformed = 4,

    /// <summary>Another version of this protocol.</summary>
    WrongVersion = 5,

    /// <summary>Another architecture than this server's.</summary>
    WrongModel = 6,

    /// <summary>Another ring or another transfer than this server takes.</summary>
    WrongParameters = 7,

    /// <summary>Material of the other kind of channel, or an offer for it.</summary>
    WrongChannel = 8,

    /// <summary>Material, or a garbled batch, of another session or place.</summary>
    WrongSession = 9,

    /// <summary>There is no such material: never prepared, or used.</summary>
    UnknownSession = 10,

    /// <summary>The other party cheated in the transfers.</summary>
    InconsistentTransfer = 11,

    /// <summary>The server keeps as much material as it is willing to.</summary>
    Full = 12,

    /// <summary>This material was used, or is being used.</summary>
    Spent = 13,

    /// <summary>Base transfers of a line that the server does not have, or has used further, or not as far; on the anonymous channel any at all.</summary>
    WrongBase = 14,
}
