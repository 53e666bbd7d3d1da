using Funion.Bacap;
using Funion.Client;
using Funion.Inference;
using Funion.Mixing;

namespace Funion.Roles;

/// <content>What boundaries bring: admission, release, runs; and the clock of a process.</content>
public sealed partial class ComputeEngine
{
    /// <summary>Decides a boundary for whoever keeps the time, once what an earlier process left has been found.</summary>
    public Task<BucketTurn> AdmitAsync(ComputeOffering offering, DateTimeOffset boundary) => CallAsync(() => Admit(offering, boundary));

    /// <summary>Hands over what was admitted for release; completes once it is handed over, before the boundary as a rule.</summary>
    public Task ReleaseAsync(ComputeOffering offering, BucketTurn turn) => CallAsync(() =>
    {
        Release(offering, turn);
        return true;
    });

    /// <summary>Runs what was admitted; completes when every output of it is sealed and kept. Called again after a crash, it runs what is not.</summary>
    public async Task RunAsync(ComputeOffering offering, BucketTurn turn)
    {
        ArgumentNullException.ThrowIfNull(offering);
        Task run = await CallAsync(() => StartAsync(offering, turn));
        if (await Task.WhenAny(run, _ended.Task) != run)
        {
            throw new PortUnavailableException("The engine has ended; what it ran is run again by the next.");
        }
        await run;
    }

    /// <summary>No step follows: whoever waits for one is told, and calls the next engine.</summary>
    public void End()
    {
        _ended.TrySetResult();
        while (_calls.TryDequeue(out Action? call))
        {
            call();
        }
    }

    /// <summary>What people asked does not outlive the engine in memory; no step follows.</summary>
    internal void Forget()
    {
        foreach (JobState state in _states.Values)
        {
            state.Dispose();
        }
    }

    Task<T> CallAsync<T>(Func<T> call)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Enqueue(() =>
        {
            try
            {
                done.SetResult(_ended.Task.IsCompleted ? throw new PortUnavailableException("The engine has ended.") : call());
            }
            catch (Exception error) when (Bugs.IsOne(error) || error is PortUnavailableException)
            {
                done.SetException(error);
            }
        });
        if (_ended.Task.IsCompleted)
        {
            End();
        }
        Wake();
        return done.Task;
    }

    /// <summary>Touches nothing but memory, so a boundary keeps its time whatever the store does.</summary>
    BucketTurn Admit(ComputeOffering offering, DateTimeOffset boundary)
    {
        _counters.CountRound();
        JobState[] ours = [.. _states.Values.Where(state => state.Offering == offering)];
        if (ours.Any(state => state.Stage == BucketStage.Running))
        {
            _counters.CountOverrun();
        }
        BucketRound round = BucketRound.At(
            boundary, offering.Grid, [.. ours.Select(state => state.ToBucketJob())], offering.Batch, offering.Overruns, _random);
        _dummies?.TopUp(offering, ours.Count(state => state.Dummy && state.IsWaiting) - round.Start.Count(id => _states[id].Dummy));
        return new BucketTurn(boundary, Names(round.Start), Names(round.Release), Names(round.Fail));
    }

    static string[] Names(IReadOnlyList<Bytes32> ids) => [.. ids.Select(id => id.ToString())];

    /// <summary>The jobs that are still there: between two steps of a turn a process may have ended and another begun.</summary>
    JobState[] Known(IReadOnlyList<string> names, BucketStage stage) =>
        [.. names.Select(name => _states.GetValueOrDefault(new Bytes32(Convert.FromHexString(name)))).OfType<JobState>().Where(state => state.Stage == stage)];

    void Release(ComputeOffering offering, BucketTurn turn)
    {
        // Handed over too late for its boundary, for a call was tried again: the next one then, for nothing leaves between two.
        DateTimeOffset now = _time.GetUtcNow(), boundary = _clocks.Length > 0 || now <= turn.Boundary ? turn.Boundary : offering.Grid.NextBoundary(now);
        JobState[] released = Known(turn.Release, BucketStage.Sealed);
        foreach (JobState state in released)
        {
            state.MoveTo(BucketStage.Released, _time.GetUtcNow());
            _released.Add(boundary, state);
        }
        foreach (JobState state in Known(turn.Fail, BucketStage.Fetching).Concat(Known(turn.Fail, BucketStage.Running)))
        {
            Post(state.Id, async token =>
            {
                if (await SealAsync(state, InferenceAnswer.Fail(InferenceFailure.Overrun), token))
                {
                    _counters.CountFailed();
                }
            });
        }
    }

    /// <summary>Only the bytes that were sealed first are ever sent, and they are sent until they are there.</summary>
    async Task WriteAsync(JobState state, int box)
    {
        TimeSpan pause = s_storeAgain;
        while (true)
        {
            BoxResult result = await _release.WriteAsync(state.Outputs[box], CancellationToken.None);
            // Taken already: by these bytes, or by something that the holder of W_out wrote himself.
            if (result.Status is BoxStatus.Ok or BoxStatus.AlreadyExists)
            {
                break;
            }
            if (result.IsFinal || _time.GetUtcNow() - state.Since > s_writeLimit)
            {
                _counters.CountUnwritten();
                break;
            }
            await _release.DelayAsync(pause, CancellationToken.None);
            pause = Clamp(2 * pause);
        }
        Post(state.Id, async token =>
        {
            if (state.Wrote(box) && _states.ContainsKey(state.Id))
            {
                await ForgetAsync(state, token);
                _states.Remove(state.Id);
                _counters.CountReleased();
            }
        });
    }

    async ValueTask ForgetAsync(JobState state, CancellationToken cancellation)
    {
        await _jobs.ForgetAsync(state.Accepted, cancellation);
        _known.TryRemove(state.Id, out _);
        state.Dispose();
    }

    async Task NotBeforeAsync(DateTimeOffset time)
    {
        TimeSpan early = time - _time.GetUtcNow();
        if (early > TimeSpan.Zero)
        {
            await _release.DelayAsync(early, CancellationToken.None);
        }
    }

    /// <summary>The task completes when all outputs are kept. A run that throws leaves its jobs running, and they overrun.</summary>
    async Task StartAsync(ComputeOffering offering, BucketTurn turn)
    {
        JobState[] batch = Known(turn.Start, BucketStage.Complete);
        if (batch.Length == 0)
        {
            return;
        }
        foreach (JobState state in batch)
        {
            state.MoveTo(BucketStage.Running, turn.Boundary);
            _counters.CountStarted(state.Dummy);
        }
        await NotBeforeAsync(turn.Boundary);
        IReadOnlyList<byte[]> answers =
            await _run(offering.Model, [.. batch.Select(state => (ReadOnlyMemory<byte>)state.Input)], CancellationToken.None);
        Task[] sealing = [.. batch.Select((state, i) =>
        {
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Post(state.Id, async token =>
            {
                try
                {
                    await SealAsync(state, answers[i], token);
                    done.SetResult();
                }
                catch (Exception error) when (Bugs.IsOne(error))
                {
                    done.SetException(error);
                    throw;
                }
            });
            return done.Task;
        })];
        await Task.WhenAll(sealing);
    }

    /// <summary>The clock of one offering in this process: its loop goes on within the engine's steps.</summary>
    sealed class ProcessClock(ComputeEngine engine, ComputeOffering offering) : BucketClock
    {
        readonly DateTimeOffset _began = offering.Grid.BoundaryAt(engine._time.GetUtcNow());
        TaskCompletionSource? _waiting;
        DateTimeOffset _due;
        Task? _loop;

        public override BucketGrid Grid => offering.Grid;

        public override TimeSpan Lead => TimeSpan.Zero;

        public override DateTimeOffset Now => engine._time.GetUtcNow();

        /// <summary>Goes on if it is time; when to be called next.</summary>
        public async ValueTask<DateTimeOffset> KeepAsync(DateTimeOffset now)
        {
            _loop ??= LoopAsync();
            if (_due <= now)
            {
                // Its continuation runs here, within the step.
                _waiting!.SetResult();
            }
            if (_loop.IsCompleted)
            {
                // A bug: it must not be a silence.
                await _loop;
            }
            return _due;
        }

        public override Task WaitUntilAsync(DateTimeOffset time)
        {
            _due = time;
            _waiting = new TaskCompletionSource();
            return _waiting.Task;
        }

        public override Task<BucketTurn> AdmitAsync(DateTimeOffset boundary) => Task.FromResult(engine.Admit(offering, boundary));

        public override Task ReleaseAsync(BucketTurn turn)
        {
            engine.Release(offering, turn);
            return Task.CompletedTask;
        }

        public override void Start(BucketTurn turn) => engine._starting.Enqueue((offering, turn));

        async Task LoopAsync()
        {
            BucketLoopState state = new(_began, 0);
            while (true)
            {
                state = await BucketLoop.TurnAsync(this, state);
            }
        }
    }
}
