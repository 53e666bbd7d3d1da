using Funion.Bacap;
using Funion.Client;
using Funion.Inference;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// Compute after <see cref="ComputeRole"/> and <see cref="ComputeEngine"/>: fetches inputs over a sender of its own as they arrive; <see cref="BucketRound"/>
/// decides every boundary, <see cref="DummyJobs"/> fills batches with questions that this sender asks.
/// </summary>
sealed class SimCompute
{
    readonly World _world;
    readonly SimClient _sender;
    readonly SimBoxes _fetch, _release;
    readonly SimAsker _asker;
    readonly DummyJobs _dummies;
    readonly Dictionary<Bytes32, SimJob> _jobs = [];
    readonly List<SimJob> _released = [];
    readonly int _self;
    readonly WriteCapability _write = WriteCapability.Create();

    public SimCompute(World world, bool dummies = true)
    {
        _world = world;
        NodeDescriptor node = world.Document.Computes[0];
        _self = world.IndexOf(node.Id);
        _sender = world.AddClient(SenderRates.OfCompute(world.Document));
        _fetch = new SimBoxes(world, _sender);
        _release = new SimBoxes(world, _sender, first: true);
        _asker = new SimAsker(world, _sender);
        world.Serve(node, Accept);
        Offerings =
        [
            .. world.Document.Models.SelectMany(model => model.BucketsMilliseconds.Select(bucket => new ComputeOffering(
                model.Name, new BucketGrid(TimeSpan.FromMilliseconds(bucket)), model.Batch, model.MaxOverruns, model.InputBoxes, model.OutputBoxes))),
        ];
        // As many batches ahead as ComputeParts keeps.
        TimeSpan shortest = Offerings.Min(offering => offering.Grid.Bucket);
        int ahead = 2 + (int)Math.Ceiling(45 * world.Document.Rates.MeanDelay / shortest);
        _dummies = new DummyJobs(ahead, async (offering, dispatching) =>
        {
            SimJob job = Draft(offering);
            await _asker.AskAsync(job, () => dispatching(job.Job));
        });
        foreach (ComputeOffering offering in Offerings)
        {
            Keep(offering, dummies);
        }
    }

    public IReadOnlyList<ComputeOffering> Offerings { get; }

    /// <summary>Compute's own sender.</summary>
    public SimClient Sender => _sender;

    /// <summary>How long a model's run takes unless a job says otherwise, dummies' too.</summary>
    public Func<ComputeOffering, TimeSpan> RunTime { get; set; } = _ => TimeSpan.FromSeconds(0.5);

    /// <summary>Jobs that started, and dummies among them.</summary>
    public (long All, long Dummies) Started { get; private set; }

    /// <summary>A question that nobody has asked yet.</summary>
    public SimJob Draft(ComputeOffering offering, TimeSpan? run = null)
    {
        byte[] nonce = new byte[Job.NonceSize];
        _world.Random.Fill(nonce);
        int replicas = _world.Document.Replicas.Count;
        // The capabilities stand for fresh ones: nothing looks into them.
        Job job = new(nonce, offering.Model, offering.Grid.Bucket, offering.InputBoxes, offering.OutputBoxes, _write.ToReadCapability(), _write);
        return new SimJob(
            job, offering, [.. Enumerable.Range(0, offering.InputBoxes).Select(_ => new SimBox(replicas, _world.Random))],
            [.. Enumerable.Range(0, offering.OutputBoxes).Select(_ => new SimBox(replicas, _world.Random))], run ?? RunTime(offering));
    }

    object? Accept(NullPacket packet)
    {
        SimJob job = (SimJob)packet.Request!;
        _world.Recorder.Store(_self, StoreOperation.Put);
        _world.Recorder.Store(_self, StoreOperation.Put);
        if (!double.IsNaN(job.Arrived))
        {
            // A resend.
            return true;
        }
        job.Arrived = _world.Events.Seconds;
        job.Entered = packet.Entered;
        job.Dummy = _dummies.IsOurs(job.Job);
        job.Since = _world.Events.Now;
        _jobs.Add(job.Id, job);
        _ = FetchAsync(job);
        return true;
    }

    async Task FetchAsync(SimJob job)
    {
        TimeSpan pause = TimeSpan.FromSeconds(Math.Clamp(job.Offering.Grid.Bucket.TotalSeconds / 4, 1, 60));
        await Task.WhenAll(job.Inputs.Select(box => _fetch.AwaitAsync(box, pause, DateTimeOffset.MaxValue)));
        if (job.Stage == BucketStage.Fetching)
        {
            _world.Recorder.Store(_self, StoreOperation.Put);
            Move(job, BucketStage.Complete);
            if (!_world.Protections.Buckets)
            {
                Start([job]);
            }
        }
    }

    void Keep(ComputeOffering offering, bool dummies)
    {
        void Arm(DateTimeOffset boundary) => _world.Events.At(boundary, () =>
        {
            Turn(offering, boundary, dummies);
            Arm(offering.Grid.NextBoundary(boundary));
        });
        Arm(offering.Grid.NextBoundary(_world.Events.Now));
    }

    void Turn(ComputeOffering offering, DateTimeOffset boundary, bool dummies)
    {
        SimJob[] ours = [.. _jobs.Values.Where(job => job.Offering == offering)];
        BucketRound round = BucketRound.At(
            boundary, offering.Grid, [.. ours.Select(job => job.ToBucketJob())], offering.Batch, offering.Overruns, _world.Random);
        if (dummies)
        {
            _dummies.TopUp(offering, ours.Count(job => job.Dummy && job.Stage <= BucketStage.Complete) - round.Start.Count(id => _jobs[id].Dummy));
        }
        if (!_world.Protections.Buckets)
        {
            return;
        }
        SimJob[] released = [.. round.Release.Select(id => _jobs[id])];
        foreach (SimJob job in released)
        {
            Move(job, BucketStage.Released);
        }
        if (_released.Count == 0 && released.Length > 0)
        {
            // After the turns of all offerings that share the boundary, as ReleaseQueue.
            _world.Events.In(TimeSpan.Zero, ReleaseTogether);
        }
        _released.AddRange(released);
        foreach (SimJob job in round.Fail.Select(id => _jobs[id]))
        {
            Seal(job);
        }
        Start([.. round.Start.Select(id => _jobs[id])]);
    }

    void ReleaseTogether()
    {
        (SimJob Job, int Box)[] boxes = [.. _released.SelectMany(job => Enumerable.Range(0, job.Outputs.Length).Select(box => (job, box)))];
        _released.Clear();
        _world.Random.Shuffle(boxes.AsSpan());
        Release(boxes);
    }

    void Start(SimJob[] batch)
    {
        if (batch.Length == 0)
        {
            return;
        }
        foreach (SimJob job in batch)
        {
            Move(job, BucketStage.Running);
            job.Started = _world.Events.Seconds;
            Started = (Started.All + 1, Started.Dummies + (job.Dummy ? 1 : 0));
        }
        // One run for the batch: all answers come together.
        _world.Events.In(batch.Max(job => job.Run), () =>
        {
            foreach (SimJob job in batch.Where(job => job.Stage == BucketStage.Running))
            {
                Seal(job);
            }
        });
    }

    void Seal(SimJob job)
    {
        _world.Recorder.Store(_self, StoreOperation.Put);
        Move(job, BucketStage.Sealed);
        if (!_world.Protections.Buckets)
        {
            Release([.. Enumerable.Range(0, job.Outputs.Length).Select(box => (job, box))]);
        }
    }

    void Release((SimJob Job, int Box)[] boxes)
    {
        foreach ((SimJob job, int box) in boxes)
        {
            Move(job, BucketStage.Released);
            _ = WriteAsync(job, box);
        }
    }

    async Task WriteAsync(SimJob job, int box)
    {
        await _release.WriteAsync(job.Outputs[box]);
        if (job.Wrote(box))
        {
            for (int i = 0; i < 3; i++)
            {
                _world.Recorder.Store(_self, StoreOperation.Delete);
            }
            _jobs.Remove(job.Id);
        }
    }

    void Move(SimJob job, BucketStage stage)
    {
        job.Stage = stage;
        job.Since = _world.Events.Now;
    }
}
