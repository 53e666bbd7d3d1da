namespace Funion.Hosting.Hops;

/// <summary>What became of a <see cref="HopRequest"/>.</summary>
public enum HopOutcome
{
    /// <summary>It is on the queue on which it belongs.</summary>
    Taken,

    /// <summary>It has not the size of any message that the sender may send here.</summary>
    Malformed,

    /// <summary>It is for another node.</summary>
    Misdirected,

    /// <summary>The network has no such sender, or it may not send here.</summary>
    NotAPeer,

    /// <summary>It was sent too long ago, or the clocks differ.</summary>
    WrongTime,

    /// <summary>The sender did not sign it.</summary>
    SignatureInvalid,
}
