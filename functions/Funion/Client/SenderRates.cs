using Funion.Network;

namespace Funion.Client;

/// <summary>The rates at which one sender sends and polls, whatever it has to say.</summary>
/// <param name="Slots">Mean time between slots, 1/λ.</param>
/// <param name="Loops">Mean time between loops, 1/λL.</param>
/// <param name="Polls">Mean time between polls.</param>
public sealed record SenderRates(TimeSpan Slots, TimeSpan Loops, TimeSpan Polls)
{
    /// <summary>A client's.</summary>
    public static SenderRates OfClient(NetworkDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new SenderRates(
            Rates.Mean(document.Rates.ClientPerKilosecond), Rates.Mean(document.Rates.ClientLoopPerKilosecond),
            Rates.Mean(document.Mailbox.PollsPerKilosecond));
    }

    /// <summary>Compute's.</summary>
    public static SenderRates OfCompute(NetworkDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new SenderRates(
            Rates.Mean(document.Rates.ComputePerKilosecond), Rates.Mean(document.Rates.ClientLoopPerKilosecond),
            Rates.Mean(document.Mailbox.ComputePollsPerKilosecond));
    }
}
