namespace Funion.Network;

/// <summary>
/// The rates of every Poisson process. Signed as events per 1,000 seconds, because canonical JSON holds integers only.
/// Means of the processes are <see cref="Mean"/> of a rate. Defaults: one machine, in memory.
/// </summary>
public sealed record Rates
{
    /// <summary>1/μ: mean of the exponential delay at each hop.</summary>
    public int MeanDelayMilliseconds { get; init; } = 200;

    /// <summary>λP: slots of a client, real or decoy.</summary>
    public int ClientPerKilosecond { get; init; } = 1_000;

    /// <summary>λL: loop decoys of a client, and of compute as a client.</summary>
    public int ClientLoopPerKilosecond { get; init; } = 500;

    /// <summary>λM: loops of each mix.</summary>
    public int MixLoopPerKilosecond { get; init; } = 200;

    /// <summary>λG: loops of each gateway.</summary>
    public int GatewayLoopPerKilosecond { get; init; } = 200;

    /// <summary>λR: messages on each courier–replica and replica–replica link.</summary>
    public int LinkPerKilosecond { get; init; } = 4_000;

    /// <summary>λC: compute's own slots.</summary>
    public int ComputePerKilosecond { get; init; } = 16_000;

    /// <summary>1/μ as a time.</summary>
    public TimeSpan MeanDelay => TimeSpan.FromMilliseconds(MeanDelayMilliseconds);

    /// <summary>λP per second.</summary>
    public double ClientPerSecond => PerSecond(ClientPerKilosecond);

    /// <summary>λL per second.</summary>
    public double ClientLoopPerSecond => PerSecond(ClientLoopPerKilosecond);

    /// <summary>λM per second.</summary>
    public double MixLoopPerSecond => PerSecond(MixLoopPerKilosecond);

    /// <summary>λG per second.</summary>
    public double GatewayLoopPerSecond => PerSecond(GatewayLoopPerKilosecond);

    /// <summary>λR per second.</summary>
    public double LinkPerSecond => PerSecond(LinkPerKilosecond);

    /// <summary>λC per second.</summary>
    public double ComputePerSecond => PerSecond(ComputePerKilosecond);

    /// <summary>Events per second of a rate as the document writes it.</summary>
    public static double PerSecond(int perKilosecond) => perKilosecond / 1_000.0;

    /// <summary>Mean time between events; a rate of 0 gives <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan Mean(int perKilosecond) =>
        perKilosecond == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(1_000.0 / perKilosecond);
}
