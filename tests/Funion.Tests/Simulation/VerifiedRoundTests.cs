using System.Collections.Concurrent;
using Funion.Bacap;
using Funion.Inference;
using Funion.Verification;

namespace Funion.Tests.Simulation;

/// <summary>A round of mix-and-check through the whole network: what its runs look like on the wire and at compute.</summary>
public sealed class VerifiedRoundTests
{
    /// <summary>Inputs move by an eighth, so what is doubled by a quarter.</summary>
    static readonly Tolerance s_tolerance = new(0.125, 0.26);

    static readonly TimeSpan s_span = TimeSpan.FromMinutes(3);

    [Fact]
    public void A_round_is_confirmed_and_its_runs_have_one_shape_and_nothing_in_common()
    {
        ConcurrentBag<(string Queue, int Size)> messages = [];
        using SimulatedNetwork network = new(wrap: (ports, _) => ports with { Queue = new Tap(ports.Queue, (queue, message) => messages.Add((queue, message.Length))) });
        network.Run.For(TimeSpan.FromSeconds(30));
        List<Job> jobs = [];
        List<DateTimeOffset> began = [];
        VerifiedQuestion question = Question();
        VerifiedAnswer answer = network.Run.Until(MixAndCheck.RunAsync(question, (_, input, cancellation) => AskAsync(network, input, jobs, began, cancellation), default), TimeSpan.FromMinutes(20));
        Assert.True(s_tolerance.Matches(answer.Outputs![0], Doubled(question.Queries[0])));
        Assert.Equal(question.Plan.Runs, jobs.Count);
        // Every run is a session of its own: no capability, no nonce and no box in common.
        string[] names =
        [
            .. jobs.SelectMany(job => (string[])
            [
                Convert.ToHexString(job.Nonce.Span), Convert.ToHexString(job.Input.RootPublicKey), Convert.ToHexString(job.Output.ToReadCapability().RootPublicKey),
                job.Input.BoxIdAt(job.Input.First, BacapContext.Pigeonhole).ToString(), job.Output.ToReadCapability().BoxIdAt(job.Output.First, BacapContext.Pigeonhole).ToString(),
            ]),
        ];
        Assert.Equal(names.Length, names.Distinct().Count());
        // And all have one shape: the job's bytes, its boxes, every message on every kind of queue.
        Assert.Single(jobs.Select(job => (job.ToBytes().Length, job.InputBoxes, job.OutputBoxes, job.Model, job.Bucket)).Distinct());
        foreach (string queue in (string[])["gateway-in", "mix-in", "courier-in", "compute-in", "replica-in", "courier-replies"])
        {
            Assert.Single(messages.Where(message => message.Queue == queue).Select(message => message.Size).Distinct());
        }
        // All are begun at one moment, so no time says which is which.
        Assert.Single(began.Distinct());
    }

    [Fact]
    public void Counts_on_no_link_tell_a_verified_round_from_no_round()
    {
        using SimulatedNetwork network = new(seed: 2);
        network.Run.For(TimeSpan.FromMinutes(1));
        SortedDictionary<string, long> idle = Count(network, () => network.Run.For(s_span));
        Task<VerifiedAnswer> round = MixAndCheck.RunAsync(Question(), (_, input, cancellation) => AskAsync(network, input, [], [], cancellation), default);
        SortedDictionary<string, long> busy = Count(network, () => network.Run.For(s_span));
        Assert.NotNull(network.Run.Until(round, TimeSpan.FromMinutes(20)).Outputs);
        // Some fifteen kinds of links: at 4.5 standard deviations a false alarm is one in ten thousand runs.
        Assert.All(idle.Keys.Union(busy.Keys), link => Assert.InRange(Z(idle, busy, link), -4.5, 4.5));
    }

    static double Z(SortedDictionary<string, long> one, SortedDictionary<string, long> other, string link)
    {
        // Between courier and replicas an envelope is several messages, so it is envelopes that are counted there.
        double each = link is "courier → replica" or "replica → courier" ? (double)one[link] / one["mix 3 → courier"] : 1;
        double a = one.GetValueOrDefault(link) / each, b = other.GetValueOrDefault(link) / each;
        return (b - a) / Math.Sqrt(Math.Max(1, a + b));
    }

    static SortedDictionary<string, long> Count(SimulatedNetwork network, Action meanwhile)
    {
        SortedDictionary<string, long> before = network.Network.Links.ByKind(network.Document), counts = new(StringComparer.Ordinal);
        meanwhile();
        foreach ((string link, long count) in network.Network.Links.ByKind(network.Document))
        {
            counts[link] = count - before.GetValueOrDefault(link);
        }
        return counts;
    }

    static async Task<ReadOnlyMemory<byte>?> AskAsync(
        SimulatedNetwork network, ReadOnlyMemory<byte> input, List<Job> jobs, List<DateTimeOffset> began, CancellationToken cancellation)
    {
        began.Add(network.Time.GetUtcNow());
        InferenceAnswer answer = await network.Client.InferAsync(
            "doubler", TensorCodec.TryParse(input)!, TimeSpan.FromSeconds(5), null, job =>
            {
                // Wiped when the question is over.
                Assert.True(Job.TryParse(job.ToBytes(), out Job? copy));
                jobs.Add(copy!);
            }, cancellation);
        return answer.Tensors is { } tensors ? TensorCodec.Encode(tensors) : (ReadOnlyMemory<byte>?)null;
    }

    static VerifiedQuestion Question()
    {
        VerificationPlan plan = VerificationPlan.For(1, 3);
        return new VerifiedQuestion
        {
            Plan = plan, Queries = [Input(9)], Tolerance = s_tolerance,
            Integrity = [.. Enumerable.Range(0, plan.Samples).Select(i => (Input(i), Doubled(Input(i)), s_tolerance.Slack))],
        };
    }

    static ReadOnlyMemory<byte> Input(float value) => TensorCodec.Encode([Tensor.Of("x", [1, 4], [value, 1, 2, 3])]);

    static ReadOnlyMemory<byte> Doubled(ReadOnlyMemory<byte> input) =>
        TensorCodec.Encode([Tensor.Of("y", [1, 4], [.. TensorCodec.TryParse(input)![0].ToFloats().Select(value => 2 * value)])]);
}
