using Funion.Hosting;
using Funion.Network;

namespace Funion.Cli.Planning;

/// <summary>What a deployment is to carry.</summary>
/// <param name="Users">Clients that are always online.</param>
/// <param name="Rates">λP, λL and the mean delay; links and compute are sized by the plan.</param>
/// <param name="Bucket">Latency bucket.</param>
/// <param name="UserPayload">Bytes that a packet carries.</param>
/// <param name="QuestionsPerHour">Of each user, on average.</param>
sealed record PlanRequest(long Users, Rates Rates, TimeSpan Bucket, int UserPayload, double QuestionsPerHour)
{
    /// <summary>Input and output boxes of a question.</summary>
    public int InputBoxes { get; init; } = 1;

    /// <summary>Output boxes of a question.</summary>
    public int OutputBoxes { get; init; } = 1;

    /// <summary>How long a node may take to look at a queue: the poll of its latency profile.</summary>
    public TimeSpan Polling { get; init; } = LatencyProfile.Responsive.Pace().Poll;

    /// <summary>λR, where it is given: each exchange waits for a slot of a courier's link and, mostly, of a replica's. 0: links are as fast as they need be.</summary>
    public double LinksPerSecond { get; init; }
}
