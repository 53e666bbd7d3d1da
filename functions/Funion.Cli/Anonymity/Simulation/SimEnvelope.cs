using Funion.Pigeonhole;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>One sealed request on its way to two intermediates, and what a courier remembers of it.</summary>
/// <param name="box">The box.</param>
/// <param name="act">What is done.</param>
/// <param name="first">An intermediate.</param>
/// <param name="second">Another.</param>
sealed class SimEnvelope(SimBox box, BoxAct act, int first, int second)
{
    public SimBox Box => box;

    public BoxAct Act => act;

    public int First => first;

    public int Second => second;

    /// <summary>The intermediates' answers, null before they come; the first of each counts.</summary>
    public ReplicaError?[] Answers { get; } = new ReplicaError?[2];

    /// <summary>How often the courier passed it on, and when last.</summary>
    public int Dispatches { get; set; }

    public DateTimeOffset Dispatched { get; set; }

    /// <summary>What the courier sees, in seconds: each time it is asked, and when answers came.</summary>
    public List<double> Asked { get; } = [];

    public double[] Answered { get; } = [double.NaN, double.NaN];
}
