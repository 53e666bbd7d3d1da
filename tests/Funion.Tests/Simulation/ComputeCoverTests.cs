using System.Collections.Concurrent;
using Funion.Bacap;
using Funion.Cli.LocalNetwork;
using Funion.Inference;
using Funion.Mixing;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>What compute does tells neither how many people asked nor which jobs are theirs.</summary>
public sealed class ComputeCoverTests
{
    const int Batch = 2;

    static readonly TimeSpan s_bucket = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Every_boundary_starts_and_releases_a_full_batch_whatever_is_asked(int questions)
    {
        using SimulatedNetwork network = new();
        network.Run.For(TimeSpan.FromMinutes(1));
        Task<InferenceAnswer>[] asked = [.. Enumerable.Range(0, questions).Select(_ => Ask(network))];
        ComputeCounters counters = network.Network.Compute.Counters;
        List<long> started = [], real = [];
        for (int round = 0; round < 12; round++)
        {
            long before = counters.Started, dummies = counters.Dummies;
            // To just after the next boundary.
            DateTimeOffset boundary = new BucketGrid(s_bucket).NextBoundary(network.Time.GetUtcNow());
            network.Run.For(boundary - network.Time.GetUtcNow() + TimeSpan.FromMilliseconds(1));
            started.Add(counters.Started - before);
            real.Add(counters.Started - before - (counters.Dummies - dummies));
        }
        Assert.All(started, count => Assert.Equal(Batch, count));
        // The control: people were among them.
        Assert.Equal(questions, real.Sum());
        network.Run.Until(() => asked.All(task => task.IsCompletedSuccessfully), TimeSpan.FromMinutes(3));
        Assert.Equal(0, counters.Overruns);
    }

    [Fact]
    public void To_replicas_the_boxes_of_a_question_and_of_a_dummy_have_one_history()
    {
        ConcurrentDictionary<string, List<string>> histories = [];
        using SimulatedNetwork network = new(wrap: (ports, name) => name.StartsWith("replica", StringComparison.Ordinal)
            ? ports with { Store = new Recorder(ports.Store, histories) }
            : ports);
        network.Run.For(TimeSpan.FromMinutes(1));
        HashSet<string> real = [];
        for (int i = 0; i < 6; i++)
        {
            network.Run.Until(Ask(network, job =>
            {
                real.Add(NameOf(job.Input));
                real.Add(NameOf(job.Output.ToReadCapability()));
            }), TimeSpan.FromMinutes(3));
        }
        network.Run.For(TimeSpan.FromMinutes(2));
        // Tombstones are spread, and one that was lost is said again: the last may take longer.
        for (int i = 0; i < 8 && real.Any(box => !histories.TryGetValue(box, out List<string>? history) || !history.Contains("deleted")); i++)
        {
            network.Run.For(TimeSpan.FromMinutes(1));
        }
        // What began before the recording or is still under way is no whole history.
        Dictionary<string, string> whole = histories.Where(pair => pair.Value.Contains("deleted")).ToDictionary(pair => pair.Key, pair => Shape(pair.Value));
        string[] ours = [.. whole.Where(pair => real.Contains(pair.Key)).Select(pair => pair.Value)];
        string[] dummies = [.. whole.Where(pair => !real.Contains(pair.Key)).Select(pair => pair.Value)];
        Assert.Equal(real.Count, ours.Length);
        Assert.True(dummies.Length >= 40, $"{dummies.Length} dummies");
        // Rare shapes, such as a copy that was mended, need not be among a dozen of one kind and fifty of the other; how often each comes may not differ by more
        // than so few can tell.
        foreach (string shape in dummies.Union(ours))
        {
            double a = ours.Count(other => other == shape), b = dummies.Count(other => other == shape);
            double share = (a + b) / (ours.Length + dummies.Length), noise = Math.Sqrt(share * (1 - share) * ((1.0 / ours.Length) + (1.0 / dummies.Length)));
            Assert.True(
                Math.Abs((a / ours.Length) - (b / dummies.Length)) <= 4 * noise, $"'{shape}': {a} of {ours.Length} questions, {b} of {dummies.Length} dummies");
        }
        // Both mostly have one history, and it is the same one.
        Assert.True(dummies.Count(shape => shape == ours.GroupBy(other => other).MaxBy(group => group.Count())!.Key) > dummies.Length / 2);
    }

    [Fact]
    public void Dummies_under_way_when_compute_begins_again_are_deleted_as_all_others()
    {
        ConcurrentDictionary<string, List<string>> histories = [];
        using SimulatedNetwork network = new(wrap: (ports, name) => name.StartsWith("replica", StringComparison.Ordinal)
            ? ports with { Store = new Recorder(ports.Store, histories) }
            : ports);
        network.Run.For(TimeSpan.FromMinutes(2));
        string[] before = [.. histories.Keys];
        Assert.Contains(before, box => !histories[box].Contains("deleted"));
        network.Replace();
        network.Run.For(TimeSpan.FromMinutes(6));
        Assert.DoesNotContain(before, box => !histories[box].Contains("deleted"));
    }

    static Task<InferenceAnswer> Ask(SimulatedNetwork network, Action<Job>? dispatching = null) => network.Client.InferAsync(
        "doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], s_bucket, null, dispatching, default);

    static string NameOf(ReadCapability stream) => stream.BoxIdAt(stream.First, BacapContext.Pigeonhole).ToString();

    /// <summary>What was done to a box and its sizes, however often: reads are repeated while a box is waited for, and each shard is a replica.</summary>
    static string Shape(List<string> history) => string.Join(' ', history.Distinct().Order());

    /// <summary>Notes what happens to boxes.</summary>
    sealed class Recorder(BoxStore inner, ConcurrentDictionary<string, List<string>> histories) : BoxStore
    {
        public override async ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
        {
            PutOutcome outcome = await inner.PutIfAbsentAsync(key, value, cancellation);
            Note(key, $"put {value.Length} {outcome}");
            return outcome;
        }

        public override async ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation)
        {
            StoredValue? value = await inner.GetAsync(key, cancellation);
            if (value is not null)
            {
                Note(key, $"read {value.Value.Length}");
            }
            return value;
        }

        public override async ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
            StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation)
        {
            PutOutcome outcome = await inner.ReplaceIfUnchangedAsync(key, value, version, cancellation);
            Note(key, "deleted");
            return outcome;
        }

        public override ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation) => inner.DeleteAsync(key, cancellation);

        public override IAsyncEnumerable<string> ListAsync(string shelf, long epoch, string prefix, CancellationToken cancellation) =>
            inner.ListAsync(shelf, epoch, prefix, cancellation);

        public override IAsyncEnumerable<long> ListEpochsAsync(string shelf, CancellationToken cancellation) => inner.ListEpochsAsync(shelf, cancellation);

        public override ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation) =>
            inner.DeleteEpochAsync(shelf, epoch, cancellation);

        void Note(StoreKey key, string what)
        {
            if (key.Name.Length == 2 * BoxId.Size)
            {
                List<string> history = histories.GetOrAdd(key.Name, _ => []);
                lock (history)
                {
                    history.Add(what);
                }
            }
        }
    }
}
