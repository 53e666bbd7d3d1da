using Funion.Contracts;
using Funion.Verification;

namespace Funion.Tests.Verification;

/// <summary>Mix-and-check against servers that cheat in every way that they can without seeing inputs.</summary>
public sealed class MixAndCheckTests
{
    [Fact]
    public async Task An_honest_server_s_answers_come_back_in_the_queries_order()
    {
        VerifiedQuestion question = Question(VerificationPlan.For(3, 10), accuracy: 20, bar: 20);
        CheatingServer server = new(_ => false);
        VerifiedAnswer answer = await MixAndCheck.RunAsync(question, server.AskAsync, default);
        Assert.Equal([[20], [22], [24]], answer.Outputs!.Select(output => output.ToArray()));
        Assert.Equal((20, 20, question.Plan.Runs + 20), (answer.Correct, answer.Labelled, server.Asked));
    }

    public static TheoryData<string> Cheats => new("all wrong", "drops one", "drops all", "replays the first", "a cheaper model", "wrong after half", "throws");

    [Theory]
    [MemberData(nameof(Cheats))]
    public async Task What_is_noticed_for_sure_is_an_abort_after_the_last_answer(string cheat)
    {
        VerifiedQuestion question = Question(VerificationPlan.For(2, 10));
        int n = question.Plan.Runs;
        CheatingServer server = cheat switch
        {
            "all wrong" => new(_ => true),
            "drops one" => new(position => position == 3) { Wrong = _ => null },
            "drops all" => new(_ => true) { Wrong = _ => null },
            "replays the first" => new(position => position > 0) { Wrong = _ => [20] },
            "a cheaper model" => new(_ => true) { Wrong = input => [(byte)(2 * (input | 1))] },
            "wrong after half" => new(position => position >= n - 1),
            _ => new(position => position == 1) { Wrong = _ => throw new IOException("Away.") },
        };
        VerifiedAnswer answer = await MixAndCheck.RunAsync(question, async (provider, input, cancellation) =>
        {
            await Task.Yield();
            return await server.AskAsync(provider, input, cancellation);
        }, default);
        Assert.Null(answer.Outputs);
        Assert.Equal(n, server.Asked);
        Assert.Equal(cheat is not ("drops one" or "drops all" or "throws"), answer.Contradicted);
    }

    [Fact]
    public async Task Answers_that_were_lost_speak_against_nobody()
    {
        VerifiedQuestion question = Question(VerificationPlan.For(2, 10), accuracy: 20, bar: 15);
        int all = question.Plan.Runs + 20;
        VerifiedAnswer nothing = await MixAndCheck.RunAsync(question, (_, _, _) => Task.FromResult<ReadOnlyMemory<byte>?>(null), default);
        Assert.Null(nothing.Outputs);
        Assert.False(nothing.Contradicted);
        Assert.Equal([new ProviderEvidence(all, all, 0, 0, 0, 0)], nothing.Evidence);
        // What did come is held against whoever said it.
        VerifiedAnswer wrong = await MixAndCheck.RunAsync(question, new CheatingServer(position => position > 4) { Wrong = _ => [0xff] }.AskAsync, default);
        Assert.True(wrong.Contradicted);
        int lost = 0;
        VerifiedAnswer both = await MixAndCheck.RunAsync(
            question, (_, _, _) => Task.FromResult<ReadOnlyMemory<byte>?>(Interlocked.Increment(ref lost) % 2 == 0 ? (ReadOnlyMemory<byte>?)null : new byte[] { 0xff }), default);
        Assert.True(both.Contradicted);
        ProviderEvidence evidence = both.Evidence[0];
        Assert.True(evidence.Certified == evidence.Missed && evidence.Right == 0 && evidence.Certified + evidence.Labelled + evidence.Unanswered <= all);
    }

    [Fact]
    public async Task Too_few_right_labels_abort_and_say_how_many()
    {
        VerifiedQuestion question = Question(VerificationPlan.For(1, 5), accuracy: 50, bar: 45) with { LabelOf = _ => 1 };
        VerifiedAnswer answer = await MixAndCheck.RunAsync(question, new CheatingServer(_ => false).AskAsync, default);
        Assert.Null(answer.Outputs);
        Assert.InRange(answer.Correct, 0, 44);
        Assert.Equal(50, answer.Labelled);
    }

    /// <summary>The best strategy, a choice of k B positions, survives no more often than the bound says: 99.9 % interval of the trials.</summary>
    [Theory]
    [InlineData(1, 5, 40_000)]
    [InlineData(2, 5, 40_000)]
    [InlineData(2, 8, 40_000)]
    public async Task The_best_strategy_survives_as_often_as_the_bound_says(int queries, int lambda, int trials)
    {
        VerificationPlan plan = VerificationPlan.For(queries, lambda);
        VerifiedQuestion question = Question(plan);
        SeededRandom random = new((ulong)queries);
        int survived = 0;
        // Which k is best, by the formula.
        int best = Enumerable.Range(1, queries).MaxBy(k => LogChoose(queries, k) - LogChoose(plan.Runs, k * plan.Copies));
        double expected = Math.Exp(LogChoose(queries, best) - LogChoose(plan.Runs, best * plan.Copies));
        for (int trial = 0; trial < trials; trial++)
        {
            HashSet<int> wrong = [];
            while (wrong.Count < best * plan.Copies)
            {
                wrong.Add(random.Below(plan.Runs));
            }
            survived += (await MixAndCheck.RunAsync(question, new CheatingServer(wrong.Contains).AskAsync, default)).Outputs is null ? 0 : 1;
        }
        double deviation = Math.Sqrt(expected * (1 - expected) / trials);
        Assert.InRange((double)survived / trials, expected - (3.3 * deviation), expected + (3.3 * deviation));
        Assert.Equal(plan.CheatingLog2, Math.Log2(expected), 1e-6);
    }

    /// <summary>Two queries, two copies, two samples: all 63 choices of a server, each in 2,000 rounds. 4.5 standard deviations.</summary>
    [Fact]
    public async Task Every_choice_of_a_server_survives_as_often_as_the_formula_says()
    {
        const int Trials = 2_000;
        VerifiedQuestion question = Question(new VerificationPlan(2, 2, 2, 2));
        for (int wrong = 1; wrong < 1 << 6; wrong++)
        {
            int survived = 0;
            for (int trial = 0; trial < Trials; trial++)
            {
                survived += (await MixAndCheck.RunAsync(question, new CheatingServer(position => (wrong >> position & 1) != 0).AskAsync, default)).Outputs is null ? 0 : 1;
            }
            double expected = Trials * (System.Numerics.BitOperations.PopCount((uint)wrong) switch { 2 => 2.0 / 15, 4 => 1.0 / 15, _ => 0 });
            Assert.InRange(survived, expected - (4.5 * Math.Sqrt(expected)), expected + (4.5 * Math.Sqrt(expected)));
        }
    }

    /// <summary>The game alone, often enough to meet 2^-20: 4.5 standard deviations of the count.</summary>
    [Theory]
    [InlineData(1, 10, 8_000_000)]
    [InlineData(16, 10, 8_000_000)]
    [InlineData(1, 20, 40_000_000)]
    [InlineData(64, 20, 40_000_000)]
    public void The_best_strategy_in_the_game_alone_survives_as_often_as_the_bound_says(int queries, int lambda, long trials)
    {
        VerificationPlan plan = VerificationPlan.For(queries, lambda);
        int best = SurvivalGame.BestQueries(queries, plan.Copies, plan.Samples);
        double expected = trials * Math.Pow(2, plan.CheatingLog2);
        long survived = SurvivalGame.Play(queries, plan.Copies, plan.Samples, best * plan.Copies, trials, 5);
        Assert.InRange(survived, expected - (4.5 * Math.Sqrt(expected)), expected + (4.5 * Math.Sqrt(expected)));
        Assert.Equal(0, SurvivalGame.Play(queries, plan.Copies, plan.Samples, (best * plan.Copies) + 1, trials / 1_000, 6));
    }

    /// <summary>The game is mix-and-check's: the same choices, the same chances.</summary>
    [Fact]
    public void The_game_alone_has_the_chances_of_every_choice()
    {
        for (int wrong = 1; wrong <= 6; wrong++)
        {
            double expected = 1_000_000 * (wrong switch { 2 => 2.0 / 15, 4 => 1.0 / 15, _ => 0 });
            Assert.InRange(SurvivalGame.Play(2, 2, 2, wrong, 1_000_000, (ulong)wrong), expected - (4.5 * Math.Sqrt(expected)), expected + (4.5 * Math.Sqrt(expected)));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => SurvivalGame.Play(2, 2, 2, 7, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SurvivalGame.Play(0, 2, 2, 1, 1, 1));
    }

    [Fact]
    public async Task Misuse_throws()
    {
        VerifiedQuestion good = Question(VerificationPlan.For(2, 5));
        foreach (VerifiedQuestion bad in (VerifiedQuestion[])
            [
                good with { Queries = good.Queries.Take(1).ToArray() }, good with { Integrity = [] }, good with { AccuracyBar = 1 },
                good with { Queries = [good.Queries[0], new byte[2]] }, good with { Accuracy = [(new byte[3], 1)] },
            ])
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => MixAndCheck.RunAsync(bad, new CheatingServer(_ => false).AskAsync, default));
        }
    }

    [Fact]
    public void Gross_substitution_is_seen_at_once_and_a_finer_one_over_rounds()
    {
        SequentialTest test = new(Promised: 0.98, Substitute: 0.9);
        Assert.Equal(AccuracyVerdict.Undecided, test.Judge(0, 0));
        Assert.Equal(AccuracyVerdict.Substitute, test.Judge(120, 200));
        Assert.Equal(AccuracyVerdict.AsPromised, test.Judge(196, 200));
        SeededRandom random = new(3);
        // Each of 200 providers until there is a verdict.
        int falseAlarms = 0, misses = 0, most = 0;
        for (int provider = 0; provider < 200; provider++)
        {
            (AccuracyVerdict honest, _) = Run(0.98);
            (AccuracyVerdict cheap, int asked) = Run(0.9);
            falseAlarms += honest == AccuracyVerdict.Substitute ? 1 : 0;
            misses += cheap == AccuracyVerdict.AsPromised ? 1 : 0;
            most = Math.Max(most, asked);
        }
        Assert.InRange(falseAlarms, 0, 1);
        Assert.InRange(misses, 0, 7);
        // Rounds of 20 labelled samples: the worst of them.
        Assert.InRange(most, 1, 500);

        (AccuracyVerdict Verdict, int Asked) Run(double accuracy)
        {
            int right = 0, asked = 0;
            AccuracyVerdict verdict = AccuracyVerdict.Undecided;
            while (verdict == AccuracyVerdict.Undecided)
            {
                for (int i = 0; i < 20; i++, asked++)
                {
                    right += random.NextDouble() < accuracy ? 1 : 0;
                }
                verdict = test.Judge(right, asked);
            }
            return (verdict, asked);
        }
    }

    static VerifiedQuestion Question(VerificationPlan plan, int accuracy = 0, int bar = 0) => new()
    {
        Plan = plan,
        Queries = [.. Enumerable.Range(10, plan.Queries).Select(i => (ReadOnlyMemory<byte>)new[] { (byte)i })],
        Integrity = [.. Enumerable.Range(40, plan.Samples).Select(i => ((ReadOnlyMemory<byte>)new[] { (byte)i }, (ReadOnlyMemory<byte>)CheatingServer.Honest((byte)i), 0.0))],
        Accuracy = [.. Enumerable.Range(20, accuracy).Select(i => ((ReadOnlyMemory<byte>)new[] { (byte)i }, i / 3))],
        AccuracyBar = bar,
        LabelOf = CheatingServer.LabelOf,
    };

    static double LogChoose(int n, int k) => Enumerable.Range(1, k).Sum(i => Math.Log(n - k + i) - Math.Log(i));
}
