namespace Funion.Network;

/// <summary>
/// Every poll brings exactly m packets. The rule: polls × m ≥ 1.5 × (what the sender sends), for a client λP + λL, for compute
/// λC + λL; every packet sent is answered by one reply, and the half more drains what a pause has left. Whoever sends at a rate of
/// its own (compute) polls at a rate of its own, at its gateway, in Poisson slots too.
/// </summary>
public sealed record MailboxParameters
{
    /// <summary>m. Few at a time and often: the same bytes, and a reply waits less.</summary>
    public int PacketsPerPoll { get; init; } = 2;

    /// <summary>A client's polls per 1,000 seconds.</summary>
    public int PollsPerKilosecond { get; init; } = 1_125;

    /// <summary>Compute's polls per 1,000 seconds.</summary>
    public int ComputePollsPerKilosecond { get; init; } = 12_375;

    /// <summary>A client's polls per second.</summary>
    public double PollsPerSecond => Rates.PerSecond(PollsPerKilosecond);

    /// <summary>Compute's polls per second.</summary>
    public double ComputePollsPerSecond => Rates.PerSecond(ComputePollsPerKilosecond);

    /// <summary>The least poll rates that satisfy the rule for these rates.</summary>
    public static MailboxParameters For(Rates rates, int packetsPerPoll = 2) => new()
    {
        PacketsPerPoll = packetsPerPoll,
        PollsPerKilosecond = LeastPolls(rates.ClientPerKilosecond, rates, packetsPerPoll),
        ComputePollsPerKilosecond = LeastPolls(rates.ComputePerKilosecond, rates, packetsPerPoll),
    };

    internal bool Satisfies(Rates rates) =>
        PollsPerKilosecond >= LeastPolls(rates.ClientPerKilosecond, rates, PacketsPerPoll)
        && ComputePollsPerKilosecond >= LeastPolls(rates.ComputePerKilosecond, rates, PacketsPerPoll);

    // Polls × m ≥ 3/2 × sent, in integers.
    static int LeastPolls(int slots, Rates rates, int packetsPerPoll)
    {
        long sent = (long)slots + rates.ClientLoopPerKilosecond;
        return (int)(((3 * sent) + (2L * packetsPerPoll) - 1) / (2L * packetsPerPoll));
    }
}
