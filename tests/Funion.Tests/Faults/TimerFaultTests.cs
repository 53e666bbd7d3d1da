using Funion.Contracts;
using Funion.Network;
using Funion.Roles;
using Funion.Tests.Simulation;

namespace Funion.Tests.Faults;

/// <summary>What runs at times of its own, cut off at each operation and begun again.</summary>
public sealed class TimerFaultTests : IDisposable
{
    const int Expired = 3;

    readonly SimulatedNetwork _network = new(dummies: false);

    public void Dispose() => _network.Dispose();

    [Fact]
    public void A_sweep_that_is_cut_off_is_finished_by_the_next()
    {
        RewindableStore full = new();
        long epoch = _network.Document.EpochAt(_network.Time.GetUtcNow());
        foreach (string shelf in (string[])[SphinxHop.TagShelf, GatewayRole.MailboxShelf, LoopRole.Shelf, ComputeJobs.Jobs, ComputeJobs.Inputs, ComputeJobs.Outputs])
        {
            for (long at = epoch - Expired; at <= epoch; at++)
            {
                Done(full.PutIfAbsentAsync(new StoreKey(shelf, at, "aa"), new byte[1], default));
            }
        }
        Enumerate("sweeper", full, new RewindableQueue(_network.Time), (store, _) => new Sweeper(store, _network.Document, _network.Time), (store, _, _) =>
            Assert.DoesNotContain(store.State.Keys, shelf => shelf.Epoch < epoch - 1));
    }

    [Fact]
    public void Slots_that_are_drawn_in_two_attempts_leave_no_gap_and_are_at_most_twice_as_many()
    {
        SlotSource[] sources = [new(SlotKind.Loop, default, TimeSpan.FromSeconds(1))];
        int plain = 0;
        Enumerate(
            "slots", new RewindableStore(), new RewindableQueue(_network.Time),
            (store, queue) => new SlotDrawer(sources, store, queue, TimeSpan.FromSeconds(20), TimeSpan.Zero, new Simulation.SeededRandom(1), _network.Time),
            (store, queue, struck) =>
            {
                int drawn = queue.Messages(QueueNames.Slots).Count();
                plain = struck ? plain : drawn;
                Assert.InRange(drawn, plain, 2 * plain);
                Assert.Single(store.State);
            });
        Assert.True(plain > 5);
    }

    /// <summary>Steps an actor once without a fault, then with each fault at each of its operations and once more.</summary>
    void Enumerate(
        string row, RewindableStore before, RewindableQueue queueBefore, Func<BoxStore, PacketQueue, Actor> make, Action<RewindableStore, RewindableQueue, bool> check)
    {
        FaultTable.Shared.Kind(row, row);
        (RewindableStore Store, RewindableQueue Queue, FaultPlan Plan) Live(Action<FaultPlan>? strike)
        {
            RewindableStore store = new() { State = before.State };
            RewindableQueue queue = new(_network.Time) { State = queueBefore.State };
            FaultPlan plan = new();
            strike?.Invoke(plan);
            for (int life = 0; life < 2; life++)
            {
                try
                {
                    Assert.True(make(new FaultyBoxStore(store, plan), new FaultyPacketQueue(queue, plan)).StepAsync(default).AsTask() is { IsCompleted: true } step
                        && (step.IsCompletedSuccessfully || step.Exception!.InnerException is CrashException));
                }
                finally
                {
                    plan.Restart();
                }
            }
            return (store, queue, plan);
        }
        (RewindableStore Store, RewindableQueue Queue, FaultPlan Plan) plain = Live(null);
        check(plain.Store, plain.Queue, false);
        foreach (Fault fault in Enum.GetValues<Fault>())
        {
            for (int point = 1; point <= plain.Plan.Operations; point++)
            {
                (RewindableStore store, RewindableQueue queue, _) = Live(plan => plan.Strike(point, fault));
                check(store, queue, true);
                FaultTable.Shared.Point(row, fault switch
                {
                    Fault.CrashBefore => NodeFault.CrashBefore, Fault.CrashAfter => NodeFault.CrashAfter,
                    Fault.UnavailableBefore => NodeFault.LostCall, _ => NodeFault.LostAnswer,
                }, FaultVerdict.Finished);
            }
        }
        FaultTable.Shared.Save();
    }

    static void Done(ValueTask<PutOutcome> put)
    {
        Assert.True(put.IsCompletedSuccessfully);
        Assert.Equal(PutOutcome.Created, put.Result);
    }
}
