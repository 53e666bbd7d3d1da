namespace Funion.Enclave;

/// <summary>What came of locking the process up.</summary>
enum LockOutcome
{
    /// <summary>It opens nothing any more.</summary>
    Locked,

    /// <summary>A platform without seccomp: it could still open files and sockets. Not Linux.</summary>
    NoSuchThing,

    /// <summary>Linux on a processor whose system calls are not known here.</summary>
    UnknownProcessor,

    /// <summary>The kernel did not take the filter.</summary>
    Refused,
}
