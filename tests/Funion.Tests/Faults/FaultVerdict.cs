namespace Funion.Tests.Faults;

/// <summary>How it ended.</summary>
enum FaultVerdict
{
    /// <summary>All is as if nothing had struck.</summary>
    Finished,

    /// <summary>It was dropped as a whole, and counted or answered.</summary>
    Refused,

    /// <summary>Something is lost, left, or there that should not be.</summary>
    Broken,
}
