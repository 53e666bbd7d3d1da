using Funion.Contracts;
using Funion.Verification;

namespace Funion.Tests.Verification;

/// <summary>What a round shows while it goes on, what it may take as an answer, and whom it blames.</summary>
public sealed class RoundTests
{
    /// <summary>Whichever answer is wrong, and whichever is held back: all are asked, nothing is looked at, and nothing ends before the last is there.</summary>
    [Fact]
    public async Task Nothing_is_checked_before_all_have_come_back()
    {
        int looked = 0;
        VerifiedQuestion question = Question() with
        {
            Accuracy = [(Pools.Input(50, 1), 1)], LabelOf = _ =>
            {
                looked++;
                return 1;
            },
        };
        int all = question.Plan.Runs + 1;
        for (int held = 0; held < all; held++)
        {
            TaskCompletionSource<ReadOnlyMemory<byte>?>[] answers = [.. Enumerable.Range(0, all).Select(_ => new TaskCompletionSource<ReadOnlyMemory<byte>?>())];
            int asked = 0;
            CancellationToken seen = default;
            Task<VerifiedAnswer> round = MixAndCheck.RunAsync(question, (_, _, token) =>
            {
                seen = token;
                return answers[asked++].Task;
            }, default);
            Assert.Equal(all, asked);
            looked = 0;
            for (int i = 0; i < all; i++)
            {
                if (i == held)
                {
                    continue;
                }
                // Wrong, nothing, or a fault: the others are not given up for it.
                switch (i % 3)
                {
                    case 0: answers[i].SetResult(Pools.Output(99, 99)); break;
                    case 1: answers[i].SetResult(null); break;
                    default: answers[i].SetException(new IOException("Away.")); break;
                }
                await Task.Yield();
                Assert.False(round.IsCompleted);
                Assert.False(seen.IsCancellationRequested);
                Assert.Equal(0, looked);
            }
            answers[held].SetResult(Pools.Output(1, 1));
            Assert.Null((await round).Outputs);
        }
    }

    /// <summary>Places of copies and of samples in the order in which they are asked: each kind is anywhere as often. 4.5 standard deviations.</summary>
    [Fact]
    public async Task Where_a_query_s_copies_and_where_samples_are_asked_is_uniform_and_independent_of_what_they_are()
    {
        VerifiedQuestion question = Question() with { Accuracy = [(Pools.Input(50, 1), 1)] };
        int all = question.Plan.Runs + 1, rounds = 4_000;
        Dictionary<string, double[]> places = [];
        for (int round = 0; round < rounds; round++)
        {
            int at = 0;
            await MixAndCheck.RunAsync(question, (_, input, _) =>
            {
                string what = Convert.ToHexString(input.Span);
                places.TryAdd(what, new double[all]);
                places[what][at++]++;
                return Task.FromResult<ReadOnlyMemory<byte>?>(Pools.Output(0, 0));
            }, default);
        }
        Assert.Equal(2 + question.Plan.Samples + 1, places.Count);
        foreach (double[] counts in places.Values)
        {
            double expected = counts.Sum() / all, deviation = Math.Sqrt(expected * (1 - (expected / rounds)));
            Assert.All(counts, count => Assert.InRange(count, expected - (4.5 * deviation), expected + (4.5 * deviation)));
        }
    }

    [Fact]
    public async Task Runs_are_spread_over_providers_and_each_answers_for_its_own()
    {
        VerifiedQuestion question = Question() with { Providers = 3 };
        int[] asked = new int[3];
        int passed = 0;
        for (int round = 0; round < 300; round++)
        {
            VerifiedAnswer answer = await MixAndCheck.RunAsync(question, (provider, input, _) =>
            {
                asked[provider]++;
                // The third has another model.
                return Task.FromResult<ReadOnlyMemory<byte>?>(provider == 2 ? Pools.Output(0, 0) : Doubled(input));
            }, default);
            Assert.Equal(3, answer.Evidence.Count);
            Assert.Equal((0, 0), (answer.Evidence[0].Missed, answer.Evidence[1].Missed));
            Assert.Equal(answer.Evidence[2].Certified, answer.Evidence[2].Missed);
            Assert.Equal(question.Plan.Runs, answer.Evidence.Sum(evidence => evidence.Asked));
            Assert.True(answer.Outputs is not null || answer.Evidence[2].Asked > 0);
            passed += answer.Outputs is not null && answer.Evidence[2].Asked > 0 ? 1 : 0;
        }
        // By having whole queries and no sample: as the bound says of any choice of positions.
        Assert.InRange(passed, 0, 300 * Math.Pow(2, question.Plan.CheatingLog2) + 14);
        double expected = 100.0 * question.Plan.Runs;
        Assert.All(asked, count => Assert.InRange(count, expected - (4.5 * Math.Sqrt(expected)), expected + (4.5 * Math.Sqrt(expected))));
    }

    [Fact]
    public async Task Copies_under_noise_agree_within_the_slack_and_differ_on_their_way()
    {
        VerifiedQuestion question = Question(slack: 0.51) with { Tolerance = new Tolerance(0.25, 0.51), Noise = new SeededRandom(8) };
        HashSet<string> seen = [];
        VerifiedAnswer honest = await MixAndCheck.RunAsync(question, (_, input, _) =>
        {
            Assert.True(seen.Add(Convert.ToHexString(input.Span)));
            return Task.FromResult<ReadOnlyMemory<byte>?>(Doubled(input));
        }, default);
        Assert.NotNull(honest.Outputs);
        Assert.Equal(question.Plan.Runs, seen.Count);
        VerifiedAnswer wrong = await MixAndCheck.RunAsync(question, (_, input, _) =>
            Task.FromResult<ReadOnlyMemory<byte>?>(Funion.Inference.TensorCodec.Encode([Funion.Inference.Tensor.Of("y", [1, 2], [5, 5])])), default);
        Assert.Null(wrong.Outputs);
    }

    /// <summary>A pool with a wide slack does not widen another's samples.</summary>
    [Fact]
    public async Task Every_certified_sample_is_held_to_the_slack_of_its_own_pool()
    {
        VerifiedQuestion question = Question();
        question = question with { Tolerance = new Tolerance(0, 9), Integrity = [.. question.Integrity.Select((sample, i) => (sample.Input, sample.Output, i == 0 ? 0.0 : 9))] };
        foreach (int off in (int[])[0, 1])
        {
            VerifiedAnswer answer = await MixAndCheck.RunAsync(question, (_, input, _) =>
            {
                ReadOnlyMemory<byte> right = Doubled(input);
                float[] values = Funion.Inference.TensorCodec.TryParse(right)![0].ToFloats();
                return Task.FromResult<ReadOnlyMemory<byte>?>(input.Span.SequenceEqual(question.Integrity[off].Input.Span) ? Pools.Output((values[0] / 2) + 1, values[1] / 2) : right);
            }, default);
            Assert.Equal(off == 0, answer.Outputs is null);
            Assert.Equal(off == 0 ? 1 : 0, answer.Evidence[0].Missed);
        }
    }

    /// <summary>What no mixing and no check can notice, and is said of it: a server that sees inputs and is wrong on the question alone.</summary>
    [Fact]
    public async Task A_server_that_answers_by_input_passes_where_it_sees_inputs()
    {
        VerifiedQuestion question = Question();
        VerifiedAnswer answer = await MixAndCheck.RunAsync(question, (_, input, _) =>
            Task.FromResult<ReadOnlyMemory<byte>?>(input.Span.SequenceEqual(question.Queries[0].Span) ? Pools.Output(7, 7) : Doubled(input)), default);
        Assert.Equal(Pools.Output(7, 7).ToArray(), answer.Outputs![0].ToArray());
    }

    [Fact]
    public async Task An_answer_that_was_given_before_is_confirmed_or_the_round_is_nothing()
    {
        VerifiedQuestion question = Question();
        Assert.NotNull((await Ask(question with { Earlier = [Pools.Output(1, 1), default] })).Outputs);
        Assert.NotNull((await Ask(question with { Earlier = [Pools.Output(1, 1), Pools.Output(2, 1)] })).Outputs);
        Assert.Null((await Ask(question with { Earlier = [Pools.Output(1, 1), Pools.Output(2, 2)] })).Outputs);
        await Assert.ThrowsAsync<ArgumentException>(() => Ask(question with { Earlier = [Pools.Output(1, 1)] }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Ask(question with { Providers = 0 }));

        static Task<VerifiedAnswer> Ask(VerifiedQuestion question) =>
            MixAndCheck.RunAsync(question, (_, input, _) => Task.FromResult<ReadOnlyMemory<byte>?>(Doubled(input)), default);
    }

    static ReadOnlyMemory<byte> Doubled(ReadOnlyMemory<byte> input) => Pools.Output(Funion.Inference.TensorCodec.TryParse(input)![0].ToFloats());

    static VerifiedQuestion Question(double slack = 0)
    {
        VerificationPlan plan = VerificationPlan.For(2, 5);
        return new VerifiedQuestion { Plan = plan, Queries = [Pools.Input(1, 1), Pools.Input(2, 1)], Integrity = [.. Pools.Of(plan.Samples, 0, from: 10).Certified.Select(sample => (sample.Input, sample.Output, slack))] };
    }
}
