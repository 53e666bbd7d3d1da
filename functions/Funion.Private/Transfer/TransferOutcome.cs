namespace Funion.Private.Transfer;

/// <summary>What a message of the other party turned out to be. After anything but <see cref="Taken"/> the session is over and its secrets are wiped.</summary>
enum TransferOutcome
{
    /// <summary>Sound, and taken.</summary>
    Taken,

    /// <summary>Not of the one size that this step has.</summary>
    WrongSize,

    /// <summary>A group element that is none, or that leads to the identity.</summary>
    BadPoint,

    /// <summary>The trees of seeds are not what the transfers of their levels say.</summary>
    InconsistentTree,

    /// <summary>The corrections of an extension belong to more than one string of choices: the other party cheats.</summary>
    InconsistentColumns,

    /// <summary>This step was taken already, is not due yet, or the session ended.</summary>
    Closed,
}
