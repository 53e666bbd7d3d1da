namespace Funion.Cli.Planning;

/// <summary>
/// What Flex Consumption scales by itself at one node: each function that a queue or a timer triggers is a group of its own, all that answer HTTP are one.
/// Whatever cover does, it does in every group: an instance of one does nothing for another.
/// </summary>
/// <param name="Node">The node's name.</param>
/// <param name="Name">The function, or http.</param>
/// <param name="PerSecond">Executions in a second.</param>
/// <param name="Seconds">How long one takes.</param>
/// <param name="Ready">Whether the templates keep an instance of it warm, where they are told to.</param>
sealed record FunctionGroup(string Node, string Name, double PerSecond, double Seconds, bool Ready)
{
    /// <summary>
    /// Instances that are paid for, on average. An execution is billed for a second at least, and executions on one instance at the same time once: with
    /// Poisson arrivals that is 1 − e^(−rate × duration), and at more than an instance's worth of messages as many times that.
    /// </summary>
    public double Busy => Instances * (1 - Math.Exp(-PerSecond * Math.Max(1, Seconds) / Instances));

    /// <summary>Instances at work when all are.</summary>
    public int Instances => (int)Math.Max(1, Math.Ceiling(PerSecond / TrafficPlan.MessagesPerInstance));
}
