using System.Collections.Concurrent;
using Funion.Bacap;
using Funion.Client;
using Funion.Inference;
using Funion.Mixing;
using Funion.Pigeonhole;

namespace Funion.Roles;

/// <summary>
/// Compute between intake and release: fetches inputs through the mixnet as they arrive, starts what is complete at a boundary, seals and keeps the
/// outputs, releases them at the next. What happens at a boundary is decided by <see cref="BucketRound"/>; this class carries it out in a process,
/// over compute's own constant-rate client. Every stage is kept before the next begins, so a job goes on where it was after a crash.
/// </summary>
public sealed class ComputeEngine : Actor
{
    readonly IReadOnlyList<ComputeOffering> _offerings;
    readonly ComputeJobs _jobs;
    readonly PigeonholeClient _client;
    readonly RunBatch _run;
    readonly DummyJobs? _dummies;
    readonly RandomSource _random;
    readonly TimeProvider _time;
    readonly ComputeCounters _counters;
    readonly PigeonholeGeometry _geometry;

    readonly Dictionary<Bytes32, JobState> _states = [];
    readonly ConcurrentDictionary<Bytes32, bool> _known = [];
    readonly ConcurrentQueue<Func<CancellationToken, ValueTask>> _posted = [];
    readonly DateTimeOffset[] _lastBoundary;
    bool _recovered;

    /// <summary>Makes the engine; nothing happens before its first step, which finds the jobs that an earlier process left.</summary>
    public ComputeEngine(
        IReadOnlyList<ComputeOffering> offerings, ComputeJobs jobs, PigeonholeClient client, PigeonholeGeometry geometry, RunBatch run,
        DummyJobs? dummies, RandomSource random, TimeProvider time, ComputeCounters counters)
    {
        ArgumentNullException.ThrowIfNull(offerings);
        ArgumentNullException.ThrowIfNull(geometry);
        _offerings = offerings;
        _jobs = jobs;
        _client = client;
        _geometry = geometry;
        _run = run;
        _dummies = dummies;
        _random = random;
        _time = time;
        _counters = counters;
        _lastBoundary = [.. offerings.Select(offering => offering.Grid.BoundaryAt(time.GetUtcNow()))];
    }

    /// <summary>Whether a job names a model, a bucket and sizes that are offered.</summary>
    public bool Offers(Job job) => OfferingOf(job) is not null;

    /// <summary>Takes an accepted job. Does nothing for one that is here already. May be called from any thread.</summary>
    public void Offer(AcceptedJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (_known.TryAdd(job.Id, true))
        {
            _counters.CountAccepted();
            Post(cancellation => BeginAsync(job, cancellation));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        try
        {
            await RecoverAsync(cancellation);
            while (_posted.TryDequeue(out Func<CancellationToken, ValueTask>? work))
            {
                await work(cancellation);
            }
            return await RoundsAsync(cancellation);
        }
        catch (PortUnavailableException)
        {
            return _time.GetUtcNow() + TimeSpan.FromSeconds(1);
        }
    }

    async ValueTask RecoverAsync(CancellationToken cancellation)
    {
        if (_recovered)
        {
            return;
        }
        await foreach (Bytes32 id in _jobs.ListAsync(cancellation))
        {
            if (await _jobs.ReadAsync(ComputeJobs.Key(ComputeJobs.Jobs, id), cancellation) is { } record
                && AcceptedJob.TryParse(record) is { } job && Offers(job.Job))
            {
                Offer(job);
            }
        }
        _recovered = true;
    }

    async ValueTask BeginAsync(AcceptedJob accepted, CancellationToken cancellation)
    {
        DateTimeOffset now = _time.GetUtcNow();
        JobState state = new(accepted, OfferingOf(accepted.Job)!, _dummies?.IsOurs(accepted.Job) ?? false);
        _states.Add(accepted.Id, state);
        if (await _jobs.ReadAsync(ComputeJobs.Key(ComputeJobs.Outputs, accepted.Id), cancellation) is { } outputs)
        {
            state.Outputs = SealedOutput.Parse(outputs);
            state.MoveTo(BucketStage.Sealed, now);
        }
        else if (await _jobs.ReadAsync(ComputeJobs.Key(ComputeJobs.Inputs, accepted.Id), cancellation) is { } input)
        {
            state.Input = input;
            state.MoveTo(BucketStage.Complete, now);
        }
        else
        {
            state.MoveTo(BucketStage.Fetching, now);
            _ = FetchAsync(state, cancellation);
        }
    }

    async Task FetchAsync(JobState state, CancellationToken cancellation)
    {
        byte[]? input = await FixedStream.ReadAsync(_client, state.Accepted.Job.Input, state.Offering.InputBoxes, cancellation);
        Post(async token =>
        {
            // Missing or unreadable boxes: an empty input, which the model refuses like any other malformed one.
            state.Input = input ?? [];
            if (await _jobs.KeepFirstAsync(ComputeJobs.Key(ComputeJobs.Inputs, state.Id), state.Input, token) is { } kept
                && state.Stage == BucketStage.Fetching)
            {
                state.Input = kept;
                state.MoveTo(BucketStage.Complete, _time.GetUtcNow());
            }
        });
    }

    async ValueTask<DateTimeOffset> RoundsAsync(CancellationToken cancellation)
    {
        DateTimeOffset next = DateTimeOffset.MaxValue;
        for (int i = 0; i < _offerings.Count; i++)
        {
            BucketGrid grid = _offerings[i].Grid;
            DateTimeOffset now = _time.GetUtcNow();
            // A late wake-up rolls to the boundary that has just passed; the ones it missed are not made up for.
            DateTimeOffset boundary = grid.BoundaryAt(now);
            if (boundary > _lastBoundary[i])
            {
                _lastBoundary[i] = boundary;
                await RoundAsync(_offerings[i], boundary, cancellation);
            }
            DateTimeOffset following = grid.NextBoundary(now);
            next = following < next ? following : next;
        }
        return next;
    }

    async ValueTask RoundAsync(ComputeOffering offering, DateTimeOffset boundary, CancellationToken cancellation)
    {
        _counters.CountRound();
        JobState[] ours = [.. _states.Values.Where(state => state.Offering == offering)];
        if (ours.Any(state => state.Stage == BucketStage.Running))
        {
            _counters.CountOverrun();
        }
        BucketRound round = BucketRound.At(
            boundary, offering.Grid, [.. ours.Select(state => state.ToBucketJob())], offering.Batch, offering.Overruns, _random);
        Release(round.Release, cancellation);
        foreach (Bytes32 id in round.Fail)
        {
            _counters.CountFailed();
            await SealAsync(_states[id], InferenceAnswer.Fail(InferenceFailure.Overrun), cancellation);
        }
        Start(offering, boundary, round.Start, cancellation);
        _dummies?.TopUp(offering, ours.Count(state => state.Dummy && state.Stage <= BucketStage.Complete));
    }

    void Release(IReadOnlyList<Bytes32> released, CancellationToken cancellation)
    {
        (JobState State, Box Box)[] boxes = [.. released.SelectMany(id => _states[id].Outputs.Select(box => (_states[id], box)))];
        _random.Shuffle(boxes.AsSpan());
        foreach (Bytes32 id in released)
        {
            _states[id].MoveTo(BucketStage.Released, _time.GetUtcNow());
            _states[id].Unwritten = _states[id].Outputs.Count;
        }
        foreach ((JobState state, Box box) in boxes)
        {
            _ = WriteAsync(state, box, cancellation);
        }
    }

    async Task WriteAsync(JobState state, Box box, CancellationToken cancellation)
    {
        await _client.WriteAsync(box, cancellation);
        Post(async token =>
        {
            if (--state.Unwritten == 0)
            {
                await _jobs.ForgetAsync(state.Accepted, token);
                _states.Remove(state.Id);
                _known.TryRemove(state.Id, out _);
                state.Wipe();
                _counters.CountReleased();
            }
        });
    }

    void Start(ComputeOffering offering, DateTimeOffset boundary, IReadOnlyList<Bytes32> started, CancellationToken cancellation)
    {
        if (started.Count == 0)
        {
            return;
        }
        JobState[] batch = [.. started.Select(id => _states[id])];
        foreach (JobState state in batch)
        {
            state.MoveTo(BucketStage.Running, boundary);
            _counters.CountStarted(state.Dummy);
        }
        _ = RunAsync(offering, batch, cancellation);
    }

    async Task RunAsync(ComputeOffering offering, JobState[] batch, CancellationToken cancellation)
    {
        IReadOnlyList<byte[]> answers = await _run(offering.Model, [.. batch.Select(state => (ReadOnlyMemory<byte>)state.Input)], cancellation);
        Post(async token =>
        {
            for (int i = 0; i < batch.Length; i++)
            {
                if (batch[i].Stage == BucketStage.Running)
                {
                    await SealAsync(batch[i], answers[i], token);
                }
            }
        });
    }

    /// <summary>Seals the answer into exactly n_out boxes and keeps them; what was kept first is what counts, after any crash.</summary>
    async ValueTask SealAsync(JobState state, byte[] answer, CancellationToken cancellation)
    {
        if (answer.Length > FixedStream.Capacity(_geometry, state.Offering.OutputBoxes))
        {
            answer = InferenceAnswer.Fail(InferenceFailure.Oversized);
        }
        IReadOnlyList<Box> boxes = FixedStream.Seal(state.Accepted.Job.Output, answer, state.Offering.OutputBoxes, _geometry);
        byte[]? kept = await _jobs.KeepFirstAsync(ComputeJobs.Key(ComputeJobs.Outputs, state.Id), SealedOutput.ToBytes(boxes), cancellation);
        state.Outputs = kept is null ? boxes : SealedOutput.Parse(kept);
        state.MoveTo(BucketStage.Sealed, _time.GetUtcNow());
    }

    ComputeOffering? OfferingOf(Job job) => _offerings.FirstOrDefault(offering =>
        offering.Model == job.Model && offering.Grid.Bucket == job.Bucket && offering.InputBoxes == job.InputBoxes
        && offering.OutputBoxes == job.OutputBoxes);

    void Post(Func<CancellationToken, ValueTask> work)
    {
        _posted.Enqueue(work);
        Wake();
    }
}
