using Funion.Inference;
using Funion.Mixing;

namespace Funion.Tests.Hosting;

/// <summary>
/// A durable orchestration in virtual time. For every event the code runs again from its start and gets from the history what it got before; it fails
/// the test when it asks for something else than the history says. What it asks for the first time is written down and done; then it runs again.
/// </summary>
/// <param name="world">Does what activities do.</param>
/// <param name="lead">Of the clock.</param>
/// <param name="late">How late each timer fires.</param>
/// <param name="strikes">What happens at the n-th thing that is asked for, from 0.</param>
sealed class DurableRun(BucketWorld world, TimeSpan lead, Func<TimeSpan> late, Func<int, DurableRun.Crash> strikes)
{
    /// <summary>Where a process ends.</summary>
    public enum Crash
    {
        /// <summary>Nowhere.</summary>
        None,

        /// <summary>Before it is written down what the code asks for: the code runs again, with the history as it was.</summary>
        Undecided,

        /// <summary>Before it is done: another process does it.</summary>
        Undone,

        /// <summary>Before it is written down that it was done: it is done again.</summary>
        DoneTwice,
    }

    /// <summary>How often code ran, first runs and repeated ones.</summary>
    public int Runs { get; private set; }

    /// <summary>Things asked for.</summary>
    public int Asked { get; private set; }

    /// <summary>One turn, up to where an orchestration continues as a new one.</summary>
    public BucketLoopState Turn(BucketLoopState state, Func<BucketClock, BucketLoopState, Task<BucketLoopState>>? loop = null)
    {
        loop ??= BucketLoop.TurnAsync;
        List<Event> history = [];
        DateTimeOffset began = world.Now;
        while (true)
        {
            int known = history.Count;
            Clock clock = new(this, history, began);
            Runs++;
            Task<BucketLoopState> turn = loop(clock, state);
            if (turn.IsFaulted)
            {
                turn.GetAwaiter().GetResult();
            }
            Assert.True(clock.Read >= known, "The code asked for less than its history says.");
            Crash crash = history.Count > known ? strikes(Asked++) : Crash.None;
            if (crash == Crash.Undecided)
            {
                history.RemoveRange(known, history.Count - known);
                continue;
            }
            foreach (Event asked in history.Where(asked => !asked.Done))
            {
                Do(asked, crash);
            }
            if (turn.IsCompleted)
            {
                return turn.Result;
            }
        }
    }

    static void Do(Event asked, Crash crash)
    {
        // Undone is nothing here but a wait for another process; done twice, the second result counts.
        object? result = asked.Act();
        asked.Result = crash == Crash.DoneTwice ? asked.Act() : result;
        asked.Done = true;
        asked.At = asked.Time();
    }

    sealed class Event(string name, Func<object?> act, Func<DateTimeOffset> time)
    {
        public string Name => name;

        public Func<object?> Act => act;

        public Func<DateTimeOffset> Time => time;

        public bool Done { get; set; }

        public object? Result { get; set; }

        public DateTimeOffset At { get; set; }
    }

    sealed class Clock(DurableRun run, List<Event> history, DateTimeOffset began) : BucketClock
    {
        BucketWorld World { get; } = run.World;

        public int Read { get; private set; }

        public override BucketGrid Grid => World.Grid;

        public override TimeSpan Lead => run.Lead;

        /// <summary>As of the last event that the code has seen.</summary>
        public override DateTimeOffset Now => _now;

        DateTimeOffset _now = began;

        public override async Task WaitUntilAsync(DateTimeOffset time)
        {
            if (time > Now)
            {
                // A timer that fires twice fires at one time.
                DateTimeOffset? fires = null;
                await AskAsync($"timer {time:O}", () =>
                {
                    World.AdvanceTo(fires ??= time + run.Late());
                    return null;
                });
            }
        }

        public override async Task<BucketTurn> AdmitAsync(DateTimeOffset boundary) =>
            (BucketTurn)(await AskAsync($"admit {boundary:O}", () => World.Admit(boundary)))!;

        public override async Task ReleaseAsync(BucketTurn turn)
        {
            if (turn.Release.Count + turn.Fail.Count > 0)
            {
                await AskAsync($"release {turn.Boundary:O} {string.Join(',', turn.Release)} {string.Join(',', turn.Fail)}", () =>
                {
                    World.Release(turn);
                    return null;
                });
            }
        }

        public override void Start(BucketTurn turn)
        {
            if (turn.Start.Count > 0)
            {
                _ = AskAsync($"run {turn.Boundary:O} {string.Join(',', turn.Start)}", () =>
                {
                    World.Run(turn);
                    return null;
                });
            }
        }

        /// <summary>Never completes for what is asked for the first time: the code runs again when it is done.</summary>
        Task<object?> AskAsync(string name, Func<object?> act)
        {
            if (Read == history.Count)
            {
                history.Add(new Event(name, act, () => World.Now));
            }
            Event asked = history[Read++];
            Assert.True(asked.Name == name, $"History says {asked.Name}, the code asks for {name}.");
            if (!asked.Done)
            {
                return new TaskCompletionSource<object?>().Task;
            }
            _now = asked.At;
            return Task.FromResult(asked.Result);
        }
    }

    BucketWorld World => world;

    TimeSpan Lead => lead;

    TimeSpan Late() => late();
}
