using Funion.Contracts;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;
using Xunit.Abstractions;

namespace Funion.Tests.Faults;

/// <summary>
/// Every kind of message that a node takes, by the operations that it makes, is taken again with a fault at each of them. The work is finished or refused and
/// counted; whoever is outside sees each thing once, or what he takes for the same thing again; nothing is left on a queue, nothing strange in the store.
/// </summary>
public sealed class NodeFaultTests(ITestOutputHelper output)
{
    const int MomentsOfAKind = 1;

    [Fact]
    public void Whatever_strikes_while_a_message_is_handled_the_work_is_finished_or_refused()
    {
        using FaultTraffic traffic = new();
        List<string> wrong = [];
        foreach (IGrouping<string, (Moment Moment, NodeOutcome Plain)> kind in traffic.Moments
            .Select(moment => (Moment: moment, Plain: new NodeReplay(traffic, moment).Run())).GroupBy(run => Kind(run.Moment, run.Plain)))
        {
            foreach ((Moment moment, NodeOutcome plain) in kind.Take(MomentsOfAKind))
            {
                Assert.Equal(0, plain.Left);
                string row = $"{moment.Role} {moment.Queue}".ToLowerInvariant();
                FaultTable.Shared.Kind(row, kind.Key);
                foreach ((NodeFault fault, string where, NodeOutcome expected, NodeOutcome struck) in Strikes(traffic, moment, plain))
                {
                    (FaultVerdict verdict, string what) = Judge(expected, struck, moment, fault);
                    FaultTable.Shared.Point(row, fault, verdict);
                    if (verdict == FaultVerdict.Broken)
                    {
                        wrong.Add($"{row}, {fault} at {where}: {what}");
                    }
                }
            }
        }
        output.WriteLine(FaultTable.Shared.Save());
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
    }

    static IEnumerable<(NodeFault Fault, string Where, NodeOutcome Expected, NodeOutcome Struck)> Strikes(FaultTraffic traffic, Moment moment, NodeOutcome plain)
    {
        foreach (NodeFault fault in Enum.GetValues<NodeFault>().Where(fault => fault != NodeFault.Reordered))
        {
            foreach (int point in Points(plain, moment, fault))
            {
                yield return (fault, $"{plain.Operations.ElementAtOrDefault(point)} ({point})", plain, Strike(traffic, moment, plain, fault, point));
            }
        }
        if (Next(traffic, moment) is { } next)
        {
            yield return (NodeFault.Reordered, moment.Queue, Both(traffic, moment, moment, next), Both(traffic, moment, next, moment));
        }
    }

    /// <summary>Operations on queues that turn out to be empty are no points of their own.</summary>
    static IEnumerable<int> Points(NodeOutcome plain, Moment moment, NodeFault fault) => fault switch
    {
        NodeFault.Doubled or NodeFault.Delayed => [plain.Operations.Count],
        NodeFault.Corrupted => Enumerable.Range(plain.Operations.Count, 16),
        NodeFault.FullForAWhile or NodeFault.FullForGood => Enumerable.Range(0, plain.Operations.Count)
            .Where(point => plain.Operations[point].StartsWith("put", StringComparison.Ordinal)),
        _ => Enumerable.Range(0, plain.Operations.Count).Where(point => !plain.Operations[point].StartsWith("receive", StringComparison.Ordinal)
            || plain.Operations[point] == $"receive {moment.Queue}" || QueueNames.WaitsForSlot(plain.Operations[point]["receive ".Length..])),
    };

    /// <summary>The message that the node took next from the same queue. A copy is one step at a time, and has no next.</summary>
    static Moment? Next(FaultTraffic traffic, Moment moment) => moment.Queue == QueueNames.Copies
        ? null
        : traffic.Moments.SkipWhile(other => other != moment).Skip(1).FirstOrDefault(
            other => other.Node == moment.Node && other.Queue == moment.Queue && !other.Message.SequenceEqual(moment.Message));

    static NodeOutcome Both(FaultTraffic traffic, Moment moment, Moment first, Moment second)
    {
        NodeReplay replay = new(traffic, moment, first.Message);
        replay.Put(second.Message);
        return replay.Run();
    }

    static NodeOutcome Strike(FaultTraffic traffic, Moment moment, NodeOutcome plain, NodeFault fault, int point)
    {
        byte[] message = [.. moment.Message];
        if (fault == NodeFault.Corrupted)
        {
            // Sixteen places, from the first byte to the last.
            message[(point - plain.Operations.Count) * (message.Length - 1) / 15] ^= 0x10;
        }
        NodeReplay replay = new(traffic, moment, message);
        switch (fault)
        {
            case NodeFault.CrashBefore or NodeFault.CrashAfter or NodeFault.LostCall or NodeFault.LostAnswer:
                replay.Plan.Strike(point + 1, fault switch
                {
                    NodeFault.CrashBefore => Fault.CrashBefore, NodeFault.CrashAfter => Fault.CrashAfter,
                    NodeFault.LostCall => Fault.UnavailableBefore, _ => Fault.UnavailableAfter,
                });
                break;
            case NodeFault.Stall:
                replay.Plan.Stall(point + 1, () => replay.TakeOverAsync(TimeSpan.FromSeconds(16)));
                break;
            case NodeFault.FullForAWhile or NodeFault.FullForGood:
                replay.Plan.Fill(point + 1, fault == NodeFault.FullForGood ? 1 << 20 : 3);
                break;
            case NodeFault.Doubled:
                replay.Put(message);
                break;
            case NodeFault.Delayed:
                replay.Time.Advance(TimeSpan.FromMinutes(10));
                break;
        }
        return replay.Run();
    }

    static (FaultVerdict Verdict, string What) Judge(NodeOutcome plain, NodeOutcome struck, Moment moment, NodeFault fault)
    {
        if (struck.Left > 0)
        {
            return (FaultVerdict.Broken, $"{struck.Left} messages left on queues");
        }
        if (fault == NodeFault.Corrupted)
        {
            // What such a message says, if anything, its receiver refuses; here it makes no more of itself. A slot of another kind is a slot.
            return struck.Copies > plain.Copies && moment.Queue != QueueNames.Slots ? (FaultVerdict.Broken, "more was sent")
                : struck.Sent.SetEquals(plain.Sent) ? (FaultVerdict.Finished, "") : (FaultVerdict.Refused, "");
        }
        bool dropped = struck.Dropped > plain.Dropped;
        string[] strange = [.. struck.Sent.Except(plain.Sent).Concat(struck.Stored.Except(plain.Stored)).Where(name => !MayCome(name, moment, fault, dropped))];
        string[] missing = [.. plain.Sent.Except(struck.Sent).Concat(plain.Stored.Except(struck.Stored)).Where(name => name is not ("decoy" or "loop"))];
        return strange.Length > 0 ? (FaultVerdict.Broken, "strange: " + string.Join(", ", strange))
            : missing.Length == 0 ? (FaultVerdict.Finished, "")
            : dropped || MayGo(moment, fault) ? (FaultVerdict.Refused, "") : (FaultVerdict.Broken, "missing, and not counted: " + string.Join(", ", missing));
    }

    /// <summary>
    /// A slot that found nothing to send sends a decoy. A copy's step that comes again goes on from what the first time has kept, and asks again for what was
    /// silent meanwhile; only the step after it is the same one. A courier passes on what it has forgotten after its five minutes. A loop whose return was dropped stays, and counts as lost.
    /// </summary>
    static bool MayCome(string name, Moment moment, NodeFault fault, bool dropped) => name is "decoy" or "loop"
        || (moment.Queue == QueueNames.Copies && !name.StartsWith("step", StringComparison.Ordinal))
        || (moment.Role == NodeRole.Courier && fault == NodeFault.Delayed)
        // The bit that a copy hears.
        || (IsFullReplica(moment, fault) && name.EndsWith("/" + nameof(CopyAccept.Refused), StringComparison.Ordinal))
        || (dropped && name.StartsWith(LoopRole.Shelf + "/", StringComparison.Ordinal));

    /// <summary>
    /// A slot that lapses is left out, and a loop without room is cover that nobody counts. A full replica says so to whoever can hear it, and a copy that
    /// it missed comes with the next read. An answer that comes after a courier's five minutes belongs to nothing.
    /// </summary>
    static bool MayGo(Moment moment, NodeFault fault) => moment.Queue == QueueNames.Slots
        || IsFullReplica(moment, fault) || (moment.Role == NodeRole.Courier && fault == NodeFault.Delayed);

    static bool IsFullReplica(Moment moment, NodeFault fault) => moment.Role == NodeRole.Replica && fault is NodeFault.FullForAWhile or NodeFault.FullForGood;

    /// <summary>Messages are of one kind when they make the same operations.</summary>
    static string Kind(Moment moment, NodeOutcome outcome) =>
        $"{moment.Role} {moment.Queue}: {string.Join(", ", outcome.Operations.Select(name => QueueNames.WaitsForSlot(name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..]) ? name.Split('-')[0] : name))}";
}
