using Funion.Hosting;
using Funion.Network;
using Funion.Roles;

namespace Funion.Cli.Nodes;

/// <summary>
/// One node as a process of its own: does what the Functions host does around the function app, takes messages from the node's queues, calls the same
/// triggers, completes what is finished and lets come again what is not. Nothing in the protocol needs a cloud's host.
/// </summary>
sealed class NodeProcess(NodeHost host, NodeEnvironment environment, int concurrency) : IDisposable
{
    static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1), s_draw = TimeSpan.FromMinutes(1), s_sweep = TimeSpan.FromMinutes(5);

    readonly SemaphoreSlim _free = new(concurrency, concurrency);

    /// <summary>Runs until cancelled; what is in hand then is finished.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        List<Task> all = [EveryAsync(s_draw, host.DrawAsync, cancellation), EveryAsync(s_sweep, host.SweepAsync, cancellation)];
        if (host.Settings.Role == NodeRole.Compute)
        {
            all.Add(host.RunAsync(cancellation));
        }
        NodeGeneration generation = await FirstAsync(cancellation);
        all.AddRange(generation.Triggers.Queues.Select(queue => TakeAsync(queue, cancellation)));
        while (all.Count > 0)
        {
            Task ended = await Task.WhenAny(all);
            all.Remove(ended);
            await ended.ConfigureAwait(cancellation.IsCancellationRequested ? ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.None);
        }
        for (int i = 0; i < concurrency; i++)
        {
            await _free.WaitAsync(CancellationToken.None);
        }
    }

    public void Dispose() => _free.Dispose();

    async Task<NodeGeneration> FirstAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await host.CurrentAsync(cancellation);
            }
            catch (PortUnavailableException)
            {
                await PauseAsync(TimeSpan.FromSeconds(5), cancellation);
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    async Task TakeAsync(string queue, CancellationToken cancellation)
    {
        TimeSpan poll = (environment.Pace ?? host.Settings.LatencyProfile.Pace()).Poll;
        while (!cancellation.IsCancellationRequested)
        {
            IReadOnlyList<Delivery> taken = [];
            try
            {
                taken = await environment.Ports.Queue.ReceiveAsync(queue, 16, s_lease, cancellation);
            }
            catch (PortUnavailableException)
            {
            }
            foreach (Delivery delivery in taken)
            {
                await _free.WaitAsync(cancellation);
                _ = HandleAsync(delivery);
            }
            if (taken.Count == 0)
            {
                await PauseAsync(poll, cancellation);
            }
        }
    }

    async Task HandleAsync(Delivery delivery)
    {
        try
        {
            if (await host.HandleAsync(delivery, CancellationToken.None))
            {
                await environment.Ports.Queue.CompleteAsync(delivery, CancellationToken.None);
            }
        }
        catch (PortUnavailableException)
        {
            // The lease ends and the message comes again.
        }
        finally
        {
            _free.Release();
        }
    }

    async Task EveryAsync(TimeSpan span, Func<CancellationToken, ValueTask> act, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await act(cancellation);
            await PauseAsync(span, cancellation);
        }
    }

    async Task PauseAsync(TimeSpan pause, CancellationToken cancellation) =>
        await Task.Delay(pause, environment.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
