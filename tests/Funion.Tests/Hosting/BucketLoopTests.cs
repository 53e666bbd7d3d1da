using FsCheck;
using FsCheck.Fluent;
using Funion.Inference;
using Funion.Mixing;

namespace Funion.Tests.Hosting;

/// <summary>The loop over boundaries, by a process's clock and by a durable orchestration's: the same code, the same schedule.</summary>
public sealed class BucketLoopTests
{
    static readonly BucketGrid s_grid = new(TimeSpan.FromMinutes(1));
    static readonly DateTimeOffset s_began = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Seconds after the beginning: arrival, running time. Too many for one batch, on a boundary, a slow one, one that never ends.</summary>
    static readonly (int Complete, int Runs)[] s_jobs =
        [(5, 10), (6, 10), (7, 10), (8, 10), (9, 10), (60, 5), (61, 90), (119, 20), (130, 100_000), (170, 59), (300, 60)];

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 59, 0)]
    [InlineData(0, 60, 1)]
    [InlineData(0, 125, 2)]
    // A timer that wakes up ahead still makes its boundary when it is late by no more than that.
    [InlineData(20, 0, 0)]
    [InlineData(20, 20, 0)]
    [InlineData(20, 21, 1)]
    [InlineData(20, 79, 1)]
    [InlineData(20, 81, 2)]
    public void A_late_timer_rolls_to_a_later_boundary_and_what_it_missed_is_counted(int lead, int late, int missed)
    {
        foreach (bool durable in (bool[])[false, true])
        {
            BucketWorld world = World([]);
            BucketLoopState state = Run(world, TimeSpan.FromSeconds(lead), Late(late), 1, durable);
            Assert.Equal(new BucketLoopState(s_began + (s_grid.Bucket * (1 + missed)), missed), state);
            // What was missed is not made up for.
            state = Run(world, TimeSpan.FromSeconds(lead), Late(), 1, durable, state);
            Assert.Equal(new BucketLoopState(s_began + (s_grid.Bucket * (2 + missed)), missed), state);
            Assert.Equal(2, world.Boundaries.Count);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void Both_clocks_have_the_same_schedule(int lead)
    {
        int[] late = [0, 3, 0, 45, 0, 150, 0, 0, 61];
        BucketWorld plain = World(s_jobs), durable = World(s_jobs);
        Assert.Equal(Run(plain, TimeSpan.FromSeconds(lead), Late(late), 15, durable: false), Run(durable, TimeSpan.FromSeconds(lead), Late(late), 15, durable: true));
        Assert.Equal(plain.Schedule, durable.Schedule);
        Assert.Equal(s_jobs.Length, durable.Released.Count);
        Assert.Equal(1, durable.Failed);
        Assert.Equal((15, 0), (durable.Boundaries.Count, durable.ReleasedTwice));
    }

    [Fact]
    public void Without_arrivals_in_the_lead_time_waking_up_ahead_changes_nothing_but_when_it_is_decided()
    {
        BucketWorld exact = World([(5, 10), (6, 25), (70, 10)]), ahead = World([(5, 10), (6, 25), (70, 10)]);
        Run(exact, TimeSpan.Zero, Late(), 6, durable: true);
        Run(ahead, TimeSpan.FromSeconds(20), Late(), 6, durable: true);
        Assert.Equal(exact.Released, ahead.Released);
        Assert.All(exact.Boundaries, turn => Assert.Equal(turn.Boundary, turn.Decided));
        Assert.All(ahead.Boundaries, turn => Assert.Equal(turn.Boundary - TimeSpan.FromSeconds(20), turn.Decided));
    }

    [Fact]
    public void A_run_that_overruns_keeps_no_boundary_from_coming_and_fails_after_a_public_number()
    {
        BucketWorld world = World([(5, 150), (6, 100_000), (130, 10)]);
        Run(world, TimeSpan.Zero, Late(), 10, durable: true);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => s_began + (s_grid.Bucket * i)), world.Boundaries.Select(turn => turn.Boundary));
        // Started at 1, sealed after 3.5; started at 1 and failed three boundaries past its due one.
        Assert.Equal(s_began + (s_grid.Bucket * 4), world.Released[0]);
        Assert.Equal(s_began + (s_grid.Bucket * 6), world.Released[1]);
        Assert.Equal(s_began + (s_grid.Bucket * 4), world.Released[2]);
        Assert.Equal(1, world.Failed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void A_process_that_ends_between_any_two_calls_changes_nothing(int lead)
    {
        BucketWorld plain = World(s_jobs);
        BucketLoopState expected = Run(plain, TimeSpan.FromSeconds(lead), Late(), 10, durable: false);
        int asked = 0, runs = 0;
        foreach (DurableRun.Crash crash in Enum.GetValues<DurableRun.Crash>())
        {
            for (int at = 0; at <= asked; at++)
            {
                BucketWorld world = World(s_jobs);
                int strike = at;
                DurableRun run = new(world, TimeSpan.FromSeconds(lead), Late(), n => n == strike ? crash : DurableRun.Crash.None);
                BucketLoopState state = new(s_began, 0);
                for (int turn = 0; turn < 10; turn++)
                {
                    state = run.Turn(state);
                }
                Assert.Equal(expected, state);
                Assert.Equal(plain.Schedule, world.Schedule);
                Assert.Equal(plain.Released, world.Released);
                Assert.Equal(0, world.ReleasedTwice);
                (asked, runs) = (Math.Max(asked, run.Asked), Math.Max(runs, run.Runs));
            }
        }
        // Two calls a turn or more, and the code ran again for each.
        Assert.InRange(asked, 20, 45);
        Assert.True(runs > asked, $"{runs} runs");
    }

    [Fact]
    public void Any_schedule_is_the_same_by_both_clocks_and_keeps_the_rules()
    {
        Prop.ForAll(Schedules.ToArbitrary(), plan =>
        {
            TimeSpan lead = TimeSpan.FromSeconds(plan.Lead);
            BucketWorld plain = World(plan.Jobs), durable = World(plan.Jobs);
            int turns = plan.Late.Length + 16 + plan.Jobs.Length;
            BucketLoopState state = Run(plain, lead, Late(plan.Late), turns, durable: false);
            Assert.Equal(state, Run(durable, lead, Late(plan.Late), turns, durable: true, crashes: plan.Crashes));
            Assert.Equal(plain.Schedule, durable.Schedule);
            Assert.Equal(0, durable.ReleasedTwice);
            AssertBoundaries(durable, lead, state);
            // Everybody gets an answer, on the grid, and after the boundary of its start.
            Assert.Equal(plan.Jobs.Length, durable.Released.Count);
            Assert.All(durable.Released, job =>
            {
                Assert.Equal(job.Value, s_grid.BoundaryAt(job.Value));
                Assert.True(job.Value > durable.Started[job.Key], "released at the boundary of its start");
                Assert.True(durable.Started[job.Key] > s_began.AddSeconds(plan.Jobs[job.Key].Complete), "started before it was complete");
            });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Code_that_asks_for_something_else_when_it_runs_again_is_seen()
    {
        int calls = 0;
        DurableRun run = new(World([]), TimeSpan.Zero, Late(), _ => DurableRun.Crash.None);
        Exception error = Assert.ThrowsAny<Exception>(() => run.Turn(new BucketLoopState(s_began, 0), async (clock, state) =>
        {
            // As a clock of the machine's would.
            await clock.WaitUntilAsync(s_began.AddSeconds(++calls));
            return state;
        }));
        Assert.Contains("History says timer", error.Message, StringComparison.Ordinal);
        // And code that forgets what it had asked for.
        bool first = true;
        DurableRun forgetful = new(World([]), TimeSpan.Zero, Late(), _ => DurableRun.Crash.None);
        error = Assert.ThrowsAny<Exception>(() => forgetful.Turn(new BucketLoopState(s_began, 0), async (clock, state) =>
        {
            if (first)
            {
                first = false;
                await clock.WaitUntilAsync(s_began.AddSeconds(1));
            }
            return state;
        }));
        Assert.Contains("less than its history", error.Message, StringComparison.Ordinal);
    }

    static void AssertBoundaries(BucketWorld world, TimeSpan lead, BucketLoopState state)
    {
        Assert.Equal(world.Boundaries[^1].Boundary, state.Last);
        Assert.Equal((state.Last - s_began) / s_grid.Bucket, world.Boundaries.Count + state.Missed);
        DateTimeOffset before = s_began;
        foreach ((DateTimeOffset boundary, DateTimeOffset decided) in world.Boundaries)
        {
            Assert.True(boundary > before && s_grid.BoundaryAt(boundary) == boundary, $"{boundary:O} is out of order or off the grid");
            // With a lead what leaves waits for the boundary; without one it leaves when the timer fires.
            bool ahead = lead > TimeSpan.Zero;
            Assert.InRange(decided, ahead ? boundary - s_grid.Bucket : boundary, ahead ? boundary : boundary + s_grid.Bucket - TimeSpan.FromTicks(1));
            before = boundary;
        }
    }

    static BucketWorld World(IEnumerable<(int Complete, int Runs)> jobs) =>
        new(s_grid, s_began, [.. jobs.Select(job => (s_began.AddSeconds(job.Complete), TimeSpan.FromSeconds(job.Runs)))]);

    static BucketLoopState Run(
        BucketWorld world, TimeSpan lead, Func<TimeSpan> late, int turns, bool durable, BucketLoopState? from = null, IReadOnlyList<int>? crashes = null)
    {
        BucketLoopState state = from ?? new BucketLoopState(s_began, 0);
        DurableRun run = new(world, lead, late, n => (DurableRun.Crash)(crashes is { Count: > 0 } ? crashes[n % crashes.Count] : 0));
        PlainClock plain = new(world, lead, late);
        for (int i = 0; i < turns; i++)
        {
            state = durable ? run.Turn(state) : BucketLoop.TurnAsync(plain, state).GetAwaiter().GetResult();
        }
        return state;
    }

    /// <summary>Timers are late by these, one after another, and exact after that.</summary>
    static Func<TimeSpan> Late(params int[] seconds)
    {
        int next = 0;
        return () => next < seconds.Length ? TimeSpan.FromSeconds(seconds[next++]) : TimeSpan.Zero;
    }

    sealed record Plan(int Lead, (int Complete, int Runs)[] Jobs, int[] Late, int[] Crashes)
    {
        public override string ToString() =>
            $"lead {Lead}, jobs {string.Join(' ', Jobs)}, late {string.Join(' ', Late)}, crashes {string.Join(' ', Crashes)}";
    }

    static Gen<Plan> Schedules =>
        from lead in Gen.Elements(0, 5, 20, 30)
        from complete in Gen.ArrayOf(Gen.Choose(0, 400))
        from runs in Gen.ArrayOf(Gen.Frequency((6, Gen.Choose(0, 90)), (1, Gen.Constant(100_000))), complete.Length)
        from late in Gen.ArrayOf(Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(0, 30)), (1, Gen.Choose(0, 200))))
        // One crash of each kind at most in a row: a process that always ends gets nowhere.
        from crashes in Gen.ArrayOf(Gen.Choose(0, 3), 7)
        select new Plan(lead, [.. complete.Zip(runs)], late, [.. crashes, 0]);
}
