using Funion.Bacap;
using Funion.Cli.LocalNetwork;
using Funion.Contracts;
using Funion.Inference;
using Funion.Network;
using Funion.Roles;
using Funion.Tests.Faults;

namespace Funion.Tests.Simulation;

/// <summary>Compute's process dies at any operation, its store goes away, inputs are late, replicas are down: whoever asked gets an answer.</summary>
public sealed class ComputeFaultTests
{
    static readonly TimeSpan s_bucket = TimeSpan.FromSeconds(5), s_long = TimeSpan.FromMinutes(10);

    static readonly string[] s_shelves = [ComputeJobs.Jobs, ComputeJobs.Inputs, ComputeJobs.Outputs, ComputeJobs.Accepted];

    [Theory]
    [InlineData(Fault.UnavailableBefore)]
    [InlineData(Fault.UnavailableAfter)]
    [InlineData(Fault.CrashBefore)]
    [InlineData(Fault.CrashAfter)]
    public void Any_operation_on_a_job_may_fail(Fault fault)
    {
        IReadOnlyList<string> operations = Live(null);
        Assert.True(operations.Count > 10, $"{operations.Count}");
        for (int k = 1; k <= operations.Count; k++)
        {
            Live(plan => plan.Strike(k, fault));
            Count(operations[k - 1], fault switch
            {
                Fault.CrashBefore => NodeFault.CrashBefore, Fault.CrashAfter => NodeFault.CrashAfter,
                Fault.UnavailableBefore => NodeFault.LostCall, _ => NodeFault.LostAnswer,
            });
        }
        FaultTable.Shared.Save();
    }

    [Fact]
    public void A_job_waits_for_room_in_a_full_store_and_nothing_is_sent_that_is_not_kept()
    {
        IReadOnlyList<string> operations = Live(null);
        for (int k = 1; k <= operations.Count; k++)
        {
            if (operations[k - 1].StartsWith("put", StringComparison.Ordinal))
            {
                Live(plan => plan.Fill(k, 3));
                Count(operations[k - 1], NodeFault.FullForAWhile);
            }
        }
        FaultTable.Shared.Save();
    }

    /// <summary>The shelf says how far a job is: accepted, fetched, sealed.</summary>
    static void Count(string operation, NodeFault fault)
    {
        string row = "compute " + operation.Split(' ')[1];
        FaultTable.Shared.Kind(row, row);
        FaultTable.Shared.Point(row, fault, FaultVerdict.Finished);
    }

    [Fact]
    public void A_store_that_is_away_does_not_move_a_boundary()
    {
        FaultPlan faults = new();
        using SimulatedNetwork network = new(dummies: false, wrap: Compute(faults));
        ComputeCounters counters = network.Network.Compute.Counters;
        Task<InferenceAnswer> asked = Ask(network, null);
        network.Run.Until(() => counters.Accepted == 1, s_long);
        faults.Outage = true;
        long before = counters.Rounds;
        network.Run.For(6 * s_bucket);
        Assert.Equal(before + 6, counters.Rounds);
        Assert.False(asked.IsCompleted);
        faults.Outage = false;
        Assert.Equal([2, 4, 6, 8], network.Run.Until(asked, s_long).Tensors![0].ToFloats());
    }

    [Fact]
    public void Released_boxes_are_written_again_until_the_replicas_take_them()
    {
        FaultPlan faults = new();
        using SimulatedNetwork network = new(dummies: false, wrap: (ports, name) =>
            name.StartsWith("replica", StringComparison.Ordinal) ? ports with { Store = new FaultyBoxStore(ports.Store, faults) } : ports);
        Task<InferenceAnswer> asked = Ask(network, null);
        network.Run.Until(() => network.Network.Compute.Counters.Started == 1, s_long);
        faults.Outage = true;
        network.Run.For(TimeSpan.FromMinutes(3));
        Assert.Equal(0, network.Network.Compute.Counters.Released);
        faults.Outage = false;
        Assert.Equal([2, 4, 6, 8], network.Run.Until(asked, s_long).Tensors![0].ToFloats());
        network.Run.Until(() => network.Network.Compute.Counters.Released == 1, s_long);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_input_that_is_not_there_yet_is_waited_for_until_the_job_overruns(bool comes)
    {
        using SimulatedNetwork network = new(dummies: false);
        Action putBack = () => { };
        Task<InferenceAnswer> asked = Ask(network, job => putBack = TakeAway(network, job));
        network.Run.Until(() => network.Network.Compute.Counters.Accepted == 1, s_long);
        network.Run.For(TimeSpan.FromSeconds(2));
        if (comes)
        {
            putBack();
            Assert.Equal([2, 4, 6, 8], network.Run.Until(asked, s_long).Tensors![0].ToFloats());
        }
        else
        {
            Assert.Equal(InferenceFailure.Overrun, network.Run.Until(asked, s_long).Failure);
            Assert.Equal(1, network.Network.Compute.Counters.Failed);
        }
    }

    [Fact]
    public void Who_floods_displaces_jobs_and_the_rest_is_bounded()
    {
        using SimulatedNetwork network = new(dummies: false);
        ModelEntry model = network.Document.Models[0];
        network.Run.For(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 40; i++)
        {
            Job job = new(
                new byte[Job.NonceSize], model.Name, s_bucket, model.InputBoxes, model.OutputBoxes, WriteCapability.Create().ToReadCapability(),
                WriteCapability.Create());
            network.Network.Compute.Engine.Offer(new AcceptedJob(job, network.Time.GetUtcNow(), network.Document.EpochAt(network.Time.GetUtcNow())));
        }
        network.Run.For(TimeSpan.FromSeconds(1));
        // Eight batches of two may wait.
        Assert.Equal(40 - 16, network.Network.Compute.Counters.Displaced);
        // What is left gets its failure output, what was displaced gets nothing.
        network.Run.Until(() => network.Network.Compute.Counters.Released == 16, s_long);
        network.Run.For(TimeSpan.FromMinutes(1));
        Assert.Equal(16, network.Network.Compute.Counters.Released);
    }

    /// <summary>One question while compute fails as planned; the operations that took.</summary>
    static IReadOnlyList<string> Live(Action<FaultPlan>? strike)
    {
        FaultPlan faults = new();
        // Slow links and a slow compute: hundreds of these lives are lived.
        LocalNetworkOptions options = new()
        {
            UserPayload = 2_000, Rates = new Rates { LinkPerKilosecond = 1_000, ComputePerKilosecond = 4_000 },
        };
        using SimulatedNetwork network = new(options, dummies: false, wrap: Compute(faults));
        network.Restarting(faults, () => network.Run.For(TimeSpan.FromSeconds(1)));
        strike?.Invoke(faults);
        Task<InferenceAnswer> asked = Ask(network, null);
        network.Restarting(faults, () => network.Run.Until(asked, s_long));
        Assert.Equal([2, 4, 6, 8], asked.GetAwaiter().GetResult().Tensors![0].ToFloats());
        // Nothing of it stays but the claim that makes a late resend harmless.
        BoxStore store = network.Ports["compute-0"].Store;
        network.Restarting(faults, () => network.Run.Until(() => s_shelves[..3].All(shelf => IsEmpty(store, shelf)), s_long));
        return [.. faults.Names];
    }

    static bool IsEmpty(BoxStore store, string shelf) => !store.ListEpochsAsync(shelf, default).ToBlockingEnumerable()
        .SelectMany(epoch => store.ListAsync(shelf, epoch, "", default).ToBlockingEnumerable()).Any();

    static Func<LocalPorts, string, LocalPorts> Compute(FaultPlan faults) => (ports, name) =>
        name == "compute-0" ? ports with { Store = new FaultyBoxStore(ports.Store, faults, s_shelves.Contains) } : ports;

    static Task<InferenceAnswer> Ask(SimulatedNetwork network, Action<Job>? dispatching) =>
        network.Client.InferAsync("doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], s_bucket, null, dispatching, default);

    /// <summary>Takes a job's input from every replica; what is returned puts it back.</summary>
    static Action TakeAway(SimulatedNetwork network, Job job)
    {
        long epoch = network.Document.ReplicaEpochAt(network.Time.GetUtcNow());
        List<Action> back = [];
        MessageBoxIndex? index = job.Input.First;
        for (int i = 0; i < job.InputBoxes; i++)
        {
            StoreKey key = new(ReplicaRole.Shelf, epoch, job.Input.BoxIdAt(index!, BacapContext.Pigeonhole).ToString());
            foreach (BoxStore store in network.Ports.Where(node => node.Key.StartsWith("replica", StringComparison.Ordinal)).Select(node => node.Value.Store))
            {
                if (Now(store.GetAsync(key, default)) is { } there)
                {
                    Assert.True(Now(store.DeleteAsync(key, default)));
                    back.Add(() => Now(store.PutIfAbsentAsync(key, there.Value, default)));
                }
            }
            index!.TryNext(out index);
        }
        Assert.Equal(2 * job.InputBoxes, back.Count);
        return () => back.ForEach(put => put());
    }

    /// <summary>Over the memory ports every operation is complete when it returns.</summary>
    static T Now<T>(ValueTask<T> operation)
    {
        Task<T> task = operation.AsTask();
        Assert.True(task.IsCompletedSuccessfully);
        return task.GetAwaiter().GetResult();
    }
}
