using System.Collections.Concurrent;
using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Client;
using Funion.Inference;
using Funion.Mixing;
using Funion.Pigeonhole;

namespace Funion.Roles;

/// <summary>
/// Compute between intake and release: fetches inputs through the mixnet as they arrive, starts what is complete at a boundary, seals and keeps the
/// outputs, releases them at the next. What happens at a boundary is decided by <see cref="BucketLoop"/> and
/// <see cref="BucketRound"/>; this class carries it out in a process,
/// over compute's own constant-rate client. Every stage is kept before the next begins, so a job goes on where it was after a crash; every step on the
/// store may be repeated, so it is tried again until the store took it.
/// </summary>
public sealed partial class ComputeEngine : Actor
{
    /// <summary>
    /// How many jobs may wait for one (model, bucket), in batches. Beyond that a random one of them goes, so that whoever floods displaces mostly
    /// himself; what goes gets no output, or a flood would fill compute's slots.
    /// </summary>
    const int MostBatchesWaiting = 8;

    static readonly TimeSpan s_storeAgain = TimeSpan.FromSeconds(1), s_longestPause = TimeSpan.FromMinutes(1);

    /// <summary>Whoever asked has long given up, and the boxes' epoch is over.</summary>
    static readonly TimeSpan s_writeLimit = TimeSpan.FromDays(7);

    readonly IReadOnlyList<ComputeOffering> _offerings;
    readonly ComputeJobs _jobs;
    readonly PigeonholeClient _fetch, _release;
    readonly RunBatch _run;
    readonly DummyJobs? _dummies;
    readonly RandomSource _random;
    readonly TimeProvider _time;
    readonly ComputeCounters _counters;

    readonly Dictionary<Bytes32, JobState> _states = [];
    readonly ConcurrentDictionary<Bytes32, bool> _known = [];
    readonly ConcurrentQueue<(Bytes32 Job, Func<CancellationToken, ValueTask> Step)> _posted = [];
    readonly ConcurrentQueue<Action> _calls = [];
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly ProcessClock[] _clocks;
    readonly ReleaseQueue _released;
    readonly Queue<(ComputeOffering Offering, BucketTurn Turn)> _starting = [];
    bool _recovered;

    /// <summary>Makes the engine; nothing happens before its first step, which finds the jobs that an earlier process left.</summary>
    /// <param name="offerings">What is offered.</param>
    /// <param name="jobs">Jobs at rest.</param>
    /// <param name="sender">Compute's own sender: inputs wait their turn in it, released outputs go first.</param>
    /// <param name="run">Runs a batch.</param>
    /// <param name="dummies">Fills batches; null: they stay as empty as they are.</param>
    /// <param name="random">Draws.</param>
    /// <param name="time">Clock.</param>
    /// <param name="counters">Totals.</param>
    /// <param name="ownClock">Whether this process keeps the boundaries; false: whoever calls <see cref="AdmitAsync"/> does.</param>
    public ComputeEngine(
        IReadOnlyList<ComputeOffering> offerings, ComputeJobs jobs, MixnetClient sender, RunBatch run, DummyJobs? dummies, RandomSource random,
        TimeProvider time, ComputeCounters counters, bool ownClock = true)
    {
        ArgumentNullException.ThrowIfNull(offerings);
        _offerings = offerings;
        _jobs = jobs;
        _fetch = new PigeonholeClient(sender);
        _release = new PigeonholeClient(sender, first: true);
        _run = run;
        _dummies = dummies;
        _random = random;
        _time = time;
        _counters = counters;
        _released = new ReleaseQueue(random);
        _clocks = ownClock ? [.. offerings.Select(offering => new ProcessClock(this, offering))] : [];
    }

    /// <summary>What is offered.</summary>
    public IReadOnlyList<ComputeOffering> Offerings => _offerings;

    /// <summary>Whether a job names a model, a bucket and sizes that are offered.</summary>
    public bool Offers(Job job) => OfferingOf(job) is not null;

    /// <summary>Takes an accepted job. Does nothing for one that is here already. May be called from any thread.</summary>
    public void Offer(AcceptedJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (_ended.Task.IsCompleted)
        {
            // Kept it would be, and found by nobody: the request comes again, to the next engine.
            throw new PortUnavailableException("The engine has ended.");
        }
        if (_known.TryAdd(job.Id, true))
        {
            _counters.CountAccepted();
            Post(job.Id, cancellation => BeginAsync(job, cancellation));
        }
        else
        {
            job.Job.Output.Wipe();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        DateTimeOffset again = DateTimeOffset.MaxValue;
        try
        {
            await RecoverAsync(cancellation);
            while (_posted.TryPeek(out (Bytes32 Job, Func<CancellationToken, ValueTask> Step) posted))
            {
                await DoAsync(posted.Job, posted.Step, cancellation);
                _posted.TryDequeue(out _);
            }
        }
        catch (PortUnavailableException)
        {
            // Boundaries pass meanwhile. Another step is tried first the next time: it may be one that makes room in a full store.
            if (_posted.TryDequeue(out (Bytes32 Job, Func<CancellationToken, ValueTask> Step) posted))
            {
                _posted.Enqueue(posted);
            }
            again = _time.GetUtcNow() + s_storeAgain;
        }
        while (_recovered && _calls.TryDequeue(out Action? call))
        {
            call();
        }
        // One time for all clocks: what shares a boundary has its turn in one step.
        DateTimeOffset now = _time.GetUtcNow();
        foreach (ProcessClock clock in _clocks)
        {
            DateTimeOffset next = await clock.KeepAsync(now);
            again = next < again ? next : again;
        }
        foreach ((JobState state, int box) in _released.Take(_time.GetUtcNow()))
        {
            _ = WriteAsync(state, box);
        }
        // Runs after releases: how long one takes must not keep another's boxes back.
        while (_starting.TryDequeue(out (ComputeOffering Offering, BucketTurn Turn) start))
        {
            _ = StartAsync(start.Offering, start.Turn);
        }
        return _released.Next < again ? _released.Next : again;
    }

    async ValueTask DoAsync(Bytes32 job, Func<CancellationToken, ValueTask> step, CancellationToken cancellation)
    {
        try
        {
            await step(cancellation);
        }
        catch (Exception error) when (Bugs.IsOne(error))
        {
            // Still known, so that a resend does not bring it back; what is at rest goes with its epoch.
            _counters.CountFault();
            if (_states.Remove(job, out JobState? state))
            {
                state.Dispose();
            }
        }
    }

    async ValueTask RecoverAsync(CancellationToken cancellation)
    {
        if (_recovered)
        {
            return;
        }
        await foreach (AcceptedJob job in _jobs.ListAsync(cancellation))
        {
            if (Offers(job.Job))
            {
                Offer(job);
            }
            else
            {
                // Its model or its bucket is not served any more.
                _counters.CountRefused();
                await _jobs.ForgetAsync(job, cancellation);
            }
        }
        _recovered = true;
    }

    async ValueTask BeginAsync(AcceptedJob accepted, CancellationToken cancellation)
    {
        byte[]? outputs = await _jobs.ReadAsync(ComputeJobs.Key(ComputeJobs.Outputs, accepted), cancellation);
        byte[]? input = outputs is null ? await _jobs.ReadAsync(ComputeJobs.Key(ComputeJobs.Inputs, accepted), cancellation) : null;
        DateTimeOffset now = _time.GetUtcNow();
        JobState state = new(accepted, OfferingOf(accepted.Job)!, _dummies?.IsOurs(accepted.Job) ?? false);
        _states.Add(accepted.Id, state);
        if (outputs is not null)
        {
            state.Outputs = Authentic(outputs);
            state.MoveTo(BucketStage.Sealed, now);
        }
        else if (input is not null)
        {
            state.Input = input;
            state.MoveTo(BucketStage.Complete, now);
        }
        else
        {
            state.MoveTo(BucketStage.Fetching, now);
            _ = FetchAsync(state);
        }
        Displace(state.Offering);
    }

    void Displace(ComputeOffering offering)
    {
        JobState[] waiting = [.. _states.Values.Where(state => state.Offering == offering && !state.Dummy && state.IsWaiting)];
        if (waiting.Length > MostBatchesWaiting * offering.Batch)
        {
            JobState displaced = waiting[_random.Below(waiting.Length)];
            _states.Remove(displaced.Id);
            displaced.MoveTo(BucketStage.Released, _time.GetUtcNow());
            _counters.CountDisplaced();
            Post(displaced.Id, token => ForgetAsync(displaced, token));
        }
    }

    /// <summary>Goes on until the boxes are there or the job overruns: a replica may be behind, or lie, and the next one is not.</summary>
    async Task FetchAsync(JobState state)
    {
        TimeSpan pause = Clamp(state.Offering.Grid.Bucket / 4);
        byte[]? fetched;
        try
        {
            fetched = await FixedStream.AwaitAsync(_fetch, state.Accepted.Job.Input, state.Offering.InputBoxes, pause, state.Fetching);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        // Deleted boxes, or no such stream: an empty input, which the model refuses like any other malformed one.
        byte[] input = fetched ?? [];
        Post(state.Id, async token =>
        {
            if (state.Stage == BucketStage.Fetching
                && await _jobs.KeepFirstAsync(ComputeJobs.Key(ComputeJobs.Inputs, state.Accepted), input, token) is { } kept)
            {
                CryptographicOperations.ZeroMemory(input);
                state.Input = kept;
                state.MoveTo(BucketStage.Complete, _time.GetUtcNow());
            }
        });
    }

    /// <summary>
    /// Seals the answer into exactly n_out boxes and keeps them; what was kept first is what counts, after any crash. False when the job had an answer
    /// already.
    /// </summary>
    async ValueTask<bool> SealAsync(JobState state, byte[] answer, CancellationToken cancellation)
    {
        if (state.Stage is not (BucketStage.Fetching or BucketStage.Running))
        {
            return false;
        }
        bool fits = answer.Length <= FixedStream.Capacity(_fetch.Geometry, state.Offering.OutputBoxes);
        IReadOnlyList<Box> boxes = FixedStream.Seal(
            state.Accepted.Job.Output, fits ? answer : InferenceAnswer.Fail(InferenceFailure.Oversized), state.Offering.OutputBoxes, _fetch.Geometry);
        byte[]? kept = await _jobs.KeepFirstAsync(
            ComputeJobs.Key(ComputeJobs.Outputs, state.Accepted), SealedBoxes.ToBytes(boxes), cancellation);
        CryptographicOperations.ZeroMemory(answer);
        state.Outputs = kept is null ? boxes : Authentic(kept);
        state.MoveTo(BucketStage.Sealed, _time.GetUtcNow());
        return true;
    }

    /// <summary>The value was authenticated when it was opened: anything but boxes is a bug.</summary>
    static IReadOnlyList<Box> Authentic(byte[] outputs) => SealedBoxes.TryParse(outputs) ?? throw new InvalidOperationException("Kept outputs are no boxes.");

    static TimeSpan Clamp(TimeSpan pause) => TimeSpan.FromSeconds(Math.Clamp(pause.TotalSeconds, s_storeAgain.TotalSeconds, s_longestPause.TotalSeconds));

    ComputeOffering? OfferingOf(Job job) => _offerings.FirstOrDefault(offering =>
        offering.Model == job.Model && offering.Grid.Bucket == job.Bucket && offering.InputBoxes == job.InputBoxes
        && offering.OutputBoxes == job.OutputBoxes);

    void Post(Bytes32 job, Func<CancellationToken, ValueTask> step)
    {
        _posted.Enqueue((job, step));
        Wake();
    }
}
