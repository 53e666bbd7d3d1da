namespace Funion.Private.Garbling;

/// <summary>What a message of the other party turned out to be. Anything but <see cref="Taken"/> leaves the batch spent: nothing of it can be used again.</summary>
enum GarblingOutcome
{
    /// <summary>Sound, and taken.</summary>
    Taken,

    /// <summary>Not of the one size that this step has.</summary>
    WrongSize,

    /// <summary>Garbled for another session, another place in this one, another circuit or another number of instances.</summary>
    WrongBatch,

    /// <summary>Bits beyond the last one are set.</summary>
    BadPadding,

    /// <summary>This step was taken already, or is not due yet.</summary>
    Spent,
}
