namespace Funion.Private.Protocol;

/// <summary>What came of taking material from a folder.</summary>
public enum MaterialOutcome
{
    /// <summary>It is the caller's, and nowhere else any more.</summary>
    Taken,

    /// <summary>No such file: never kept, or taken.</summary>
    Missing,

    /// <summary>Somebody else is taking it.</summary>
    InUse,

    /// <summary>Of the other kind of channel. The file is left as it is.</summary>
    WrongChannel,

    /// <summary>Of another model, of the other party, or of another session than its name says. The file is left as it is.</summary>
    WrongModel,

    /// <summary>Damaged, cut short, sealed under another key, or half deleted. The file is left as it is.</summary>
    Malformed,
}
