namespace Funion.Contracts;

/// <summary>Where a fault strikes an operation.</summary>
public enum Fault
{
    /// <summary>The port cannot be reached: <see cref="Funion.Roles.PortUnavailableException"/>, nothing done.</summary>
    UnavailableBefore,

    /// <summary>The operation was done, but its answer is lost: <see cref="Funion.Roles.PortUnavailableException"/>.</summary>
    UnavailableAfter,

    /// <summary>The process dies before the operation.</summary>
    CrashBefore,

    /// <summary>The process dies after the operation.</summary>
    CrashAfter,
}
