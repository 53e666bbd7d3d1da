namespace Funion.Private.Serving;

/// <summary>What strangers may cost a provider on the direct channel.</summary>
/// <param name="Sessions">At a time.</param>
/// <param name="PartySessions">Of one address at a time.</param>
/// <param name="Patience">For how long a client may send or take nothing.</param>
/// <param name="Grace">Added to the time that a phase gets.</param>
/// <param name="BytesPerSecond">The slowest line that is served: a phase gets its public size at this rate, and the grace.</param>
public sealed record DirectLimits(int Sessions, int PartySessions, TimeSpan Patience, TimeSpan Grace, long BytesPerSecond)
{
    /// <summary>32 sessions, 8 of one address, 30 s of silence, 256 KiB/s.</summary>
    public static DirectLimits Default { get; } = new(32, 8, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), 1 << 18);
}
