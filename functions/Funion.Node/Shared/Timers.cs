using Microsoft.Azure.Functions.Worker;

namespace Funion.Hosting.Cloud;

/// <summary>What the clock calls. Late or missed, either finds its work the next time.</summary>
public sealed class Timers(NodeHost host)
{
    /// <summary>Draws the slots of the next minutes.</summary>
    [Function("Draw")]
    public async Task DrawAsync([TimerTrigger("0 * * * * *", RunOnStartup = true)] TimerInfo timer, CancellationToken cancellation) => await host.DrawAsync(cancellation);

    /// <summary>Deletes what epochs left; hands boxes on.</summary>
    [Function("Sweep")]
    public async Task SweepAsync([TimerTrigger("30 */5 * * * *")] TimerInfo timer, CancellationToken cancellation) => await host.SweepAsync(cancellation);
}
