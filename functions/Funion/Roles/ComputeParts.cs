using Funion.Client;
using Funion.Inference;
using Funion.Mixing;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>What a compute node has beyond a hop: a constant-rate client of its own, jobs at rest, the engine that keeps the buckets.</summary>
public sealed class ComputeParts : IDisposable
{
    readonly NetworkDocument _document;
    readonly RandomSource _random;
    readonly ComputeRole _role;

    /// <summary>Builds them; nothing happens before <see cref="Client"/> and <see cref="Engine"/> are stepped.</summary>
    /// <param name="document">The network.</param>
    /// <param name="keys">Compute's.</param>
    /// <param name="store">Compute's own.</param>
    /// <param name="gateway">The way into its gateway, the document's first.</param>
    /// <param name="run">Runs a batch.</param>
    /// <param name="dummies">Whether to fill batches.</param>
    /// <param name="random">Draws.</param>
    /// <param name="time">Clock.</param>
    /// <param name="ownClock">Whether this process keeps the boundaries.</param>
    public ComputeParts(
        NetworkDocument document, NodeKeys keys, BoxStore store, GatewayConnection gateway, RunBatch run, bool dummies, RandomSource random,
        TimeProvider time, bool ownClock = true)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(keys);
        _document = document;
        _random = random;
        Client = new MixnetClient(document, document.Gateways[0], gateway, SenderRates.OfCompute(document), random, time);
        Jobs = new ComputeJobs(store, epoch => keys.JobKeys.FirstOrDefault(key => key.Epoch == epoch)?.PrivateKey);
        JobTokens tokens = new(document, keys);
        FunionClient asking = new(Client, new OwnTokens(tokens), dummies ? new DummyNotes(store, Jobs, document, time) : null);
        _ = asking.ClearLeftoversAsync();
        Engine = new ComputeEngine(
            Offerings(document, keys.Id), Jobs, Client, run,
            dummies ? new DummyJobs(BatchesAhead(document), (offering, dispatching) => AskAsync(asking, offering, dispatching)) : null, random, time, Counters,
            ownClock);
        _role = new ComputeRole(
            new SphinxGeometry(document.Geometry.UserPayload, document.Geometry.Hops), payload => OpenJob(keys, payload), tokens, Jobs, Engine, document.Inbound,
            time, Counters);
    }

    /// <summary>Compute's own sender, as steady as any client.</summary>
    public MixnetClient Client { get; }

    /// <summary>Jobs at rest.</summary>
    public ComputeJobs Jobs { get; }

    /// <summary>Between intake and release.</summary>
    public ComputeEngine Engine { get; }

    /// <summary>Totals.</summary>
    public ComputeCounters Counters { get; } = new();

    /// <summary>What runs in time.</summary>
    public IReadOnlyList<Actor> Actors => [Client, Engine];

    /// <summary>Takes a request for a job: what the node's endpoint answers.</summary>
    public Work Accept(ServiceRequest request) => _role.Accept(request);

    /// <inheritdoc/>
    public void Dispose()
    {
        Engine.Forget();
        Client.Dispose();
    }

    static IReadOnlyList<ComputeOffering> Offerings(NetworkDocument document, NodeId compute) =>
        [.. document.Models.Where(model => model.Compute == compute).SelectMany(model => model.BucketsMilliseconds.Select(bucket =>
            new ComputeOffering(
                model.Name, new BucketGrid(TimeSpan.FromMilliseconds(bucket)), model.Batch, model.MaxOverruns, model.InputBoxes, model.OutputBoxes)))];

    /// <summary>A dummy needs about five round trips of nine hops until its input is complete, and then a boundary.</summary>
    static int BatchesAhead(NetworkDocument document)
    {
        TimeSpan shortest = TimeSpan.FromMilliseconds(document.Models.SelectMany(model => model.BucketsMilliseconds).DefaultIfEmpty(1000).Min());
        return 2 + (int)Math.Ceiling(45 * document.Rates.MeanDelay / shortest);
    }

    static (Job Job, long Epoch)? OpenJob(NodeKeys compute, ReadOnlyMemory<byte> payload)
    {
        foreach (EpochSecret key in compute.JobKeys)
        {
            if (Job.TryOpen(compute.Id, key.Epoch, key.PrivateKey, key.PublicKey, payload.Span) is { } job)
            {
                return (job, key.Epoch);
            }
        }
        return null;
    }

    /// <summary>A dummy job: a random input of the model's own shape, asked like anybody's.</summary>
    async Task AskAsync(FunionClient asking, ComputeOffering offering, Action<Job> dispatching)
    {
        ModelEntry model = _document.Model(offering.Model)!;
        try
        {
            await asking.InferAsync(model.Name, DummyInput.For(model, _random), offering.Grid.Bucket, null, dispatching, CancellationToken.None);
        }
        catch (FunionException)
        {
            // A dummy that fails is one dummy less; the next boundary tops up.
        }
    }
}
