using Funion.Bacap;
using Funion.Contracts;
using Funion.Inference;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Storage;

namespace Funion.Tests.Simulation;

/// <summary>The links courier–replica and replica–replica say nothing: when and how often they carry something does not depend on what is asked.</summary>
public sealed class LinkTests
{
    static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    enum Activity
    {
        Nothing,
        Put,
        Get,
        Delete,
        Infer,
    }

    [Fact]
    public void Counts_and_times_on_every_link_are_the_same_whatever_is_asked()
    {
        (string Wire, int Real) idle = Record(Activity.Nothing);
        Assert.True(idle.Wire.Length > 10_000);
        Assert.Equal(0, idle.Real);
        foreach (Activity activity in (Activity[])[Activity.Put, Activity.Get, Activity.Delete, Activity.Infer])
        {
            (string Wire, int Real) busy = Record(activity);
            Assert.Equal(idle.Wire, busy.Wire);
            // The control: what they carry is not the same.
            Assert.True(busy.Real > 10, $"{activity}: {busy.Real}");
        }
    }

    [Fact]
    public void Every_command_gets_one_reply_within_the_mean_of_the_link()
    {
        List<(DateTimeOffset At, string To, bool IsReply)> wire = [];
        using SimulatedNetwork network = Network((at, to, message) => wire.Add((at, to, IsReply(to, message))));
        network.Run.Until(network.Client.PutAsync(new byte[5_000], null, default), TimeSpan.FromMinutes(5));
        network.Run.For(s_minute);
        long commands = wire.Count(message => !message.IsReply), replies = wire.Count(message => message.IsReply);
        // Those of the last moments are still under way.
        Assert.InRange(commands - replies, 0, 60);
        Assert.True(commands > 10_000, $"{commands}");
    }

    [Fact]
    public void A_link_keeps_its_rate_when_nobody_asks_anything()
    {
        int messages = 0;
        using SimulatedNetwork network = Network((_, to, message) => messages += IsReply(to, message) ? 0 : 1);
        network.Run.For(5 * s_minute);
        // 2 · 8 + 8 · 7 links, 4 a second, 300 s; five standard deviations.
        Assert.InRange(messages, 86_400 - 1_470, 86_400 + 1_470);
    }

    [Fact]
    public void After_a_pause_no_link_catches_up()
    {
        int messages = 0;
        using SimulatedNetwork network = Network((_, _, _) => messages++);
        network.Run.For(s_minute);
        network.Time.Advance(10 * s_minute);
        messages = 0;
        network.Run.For(TimeSpan.FromMilliseconds(1));
        // What was drawn before and is not later than three seconds: far less than ten minutes' 345,600.
        Assert.InRange(messages, 0, 3 * 600);
    }

    [Fact]
    public async Task Slots_are_those_of_a_Poisson_process_and_windows_join()
    {
        VirtualTime time = new();
        MemoryPacketQueue queue = new(time);
        MemoryBoxStore store = new();
        NodeId peer = new(new byte[NodeId.Size]);
        List<DateTimeOffset> due = [];
        for (int i = 0; i < 400; i++)
        {
            // A drawer of its own each time, as a timer in the cloud has.
            SlotDrawer drawer = new(
                [new SlotSource(SlotKind.Link, peer, TimeSpan.FromSeconds(1))], store, queue, TimeSpan.FromSeconds(20), TimeSpan.Zero,
                new SeededRandom(i), time);
            await drawer.DrawAsync(default);
            time.Advance(TimeSpan.FromSeconds(10));
            while (await queue.ReceiveAsync(QueueNames.Slots, 32, TimeSpan.FromDays(1), default) is { Count: > 0 } tokens)
            {
                due.AddRange(tokens.Select(token => SlotToken.TryParse(token.Message.Span)!.Value.Due));
            }
        }
        Assert.InRange(due.Count, 4_000 - 320, 4_000 + 320);
        double[] gaps = [.. due.Order().Zip(due.Order().Skip(1)).Select(pair => (pair.Second - pair.First).TotalSeconds)];
        // Exponential: the standard deviation is the mean, and e^-2 of the gaps are longer than two means.
        double mean = gaps.Average(), deviation = Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean)));
        Assert.InRange(deviation / mean, 0.93, 1.07);
        Assert.InRange(gaps.Count(gap => gap > 2 * mean) / (double)gaps.Length, 0.11, 0.16);
    }

    [Theory]
    [InlineData(Fault.UnavailableBefore)]
    [InlineData(Fault.UnavailableAfter)]
    [InlineData(Fault.CrashBefore)]
    [InlineData(Fault.CrashAfter)]
    public async Task Cut_off_anywhere_a_window_has_no_gap(Fault fault)
    {
        for (int operation = 1; operation <= 12; operation++)
        {
            VirtualTime time = new();
            MemoryPacketQueue queue = new(time);
            MemoryBoxStore store = new();
            FaultPlan plan = new();
            plan.Strike(operation, fault);
            for (int life = 0; life < 2; life++)
            {
                SlotDrawer drawer = new(
                    [new SlotSource(SlotKind.Loop, default, TimeSpan.FromSeconds(1))], new FaultyBoxStore(store, plan), new FaultyPacketQueue(queue, plan),
                    TimeSpan.FromSeconds(20), TimeSpan.Zero, new SeededRandom(1), time);
                try
                {
                    await drawer.StepAsync(default);
                }
                catch (CrashException)
                {
                    plan.Restart();
                }
                time.Advance(TimeSpan.FromSeconds(1));
            }
            // At least the window's own slots, at most those twice.
            Assert.InRange(await queue.CountAsync(QueueNames.Slots, default), 10, 60);
        }
    }

    [Fact]
    public void A_message_that_is_no_token_is_none()
    {
        byte[] token = new SlotToken(DateTimeOffset.UnixEpoch, SlotKind.Reply, default).ToBytes();
        Assert.Equal(new SlotToken(DateTimeOffset.UnixEpoch, SlotKind.Reply, default), SlotToken.TryParse(token));
        Assert.Null(SlotToken.TryParse(token.AsSpan(1)));
        token[8] = 9;
        Assert.Null(SlotToken.TryParse(token));
    }

    static (string Wire, int Real) Record(Activity activity)
    {
        System.Text.StringBuilder wire = new();
        int real = 0;
        bool recording = false;
        using SimulatedNetwork network = Network((at, to, message) =>
        {
            if (recording)
            {
                wire.Append(to).Append(' ').Append(at.UtcTicks).Append(' ').Append(message.Length).Append(' ').Append(IsReply(to, message)).AppendLine();
                real += IsDecoy(to, message) ? 0 : 1;
            }
        });
        DateTimeOffset start = network.Time.GetUtcNow() + (2 * s_minute);
        WriteCapability? stored = activity is Activity.Get or Activity.Delete
            ? network.Run.Until(network.Client.PutAsync(new byte[5_000], null, default), s_minute)
            : null;
        network.Run.For(start - network.Time.GetUtcNow());
        recording = true;
        Task asked = activity switch
        {
            Activity.Put => network.Client.PutAsync(new byte[5_000], null, default),
            Activity.Get => network.Client.GetAsync(stored!.ToReadCapability(), 1 << 20, null, default),
            Activity.Delete => network.Client.DeleteAsync(stored!, null, default),
            Activity.Infer => network.Client.InferAsync("doubler", [Tensor.Of("x", [1, 4], [1, 2, 3, 4])], TimeSpan.FromSeconds(5), null, null, default),
            _ => Task.CompletedTask,
        };
        network.Run.For(s_minute);
        Assert.True(asked.IsCompletedSuccessfully);
        return (wire.ToString(), real);
    }

    /// <summary>A network whose slots are seeded apart from all else, and which tells everything that arrives over a link.</summary>
    static SimulatedNetwork Network(Action<DateTimeOffset, string, ReadOnlyMemory<byte>> arrived)
    {
        SimulatedNetwork? network = null;
        return network = new SimulatedNetwork(
            dummies: false,
            wrap: (ports, name) => ports with
            {
                Queue = new Tap(ports.Queue, (queue, message) =>
                {
                    if (queue is QueueNames.ReplicaIn or QueueNames.CourierReplies)
                    {
                        arrived(network!.Time.GetUtcNow(), name, message);
                    }
                }),
            },
            slotDraws: Draws());
    }

    static Func<NodeId, RandomSource> Draws()
    {
        // One per node, in the order in which nodes are built: their keys differ from run to run, their places do not.
        Dictionary<NodeId, RandomSource> draws = [];
        return id => draws.TryGetValue(id, out RandomSource? there) ? there : draws[id] = new SeededRandom(draws.Count + 100);
    }

    static bool IsReply(string to, ReadOnlyMemory<byte> message) =>
        to.StartsWith("courier", StringComparison.Ordinal) || (ReplicaCommandKind)message.Span[0] is ReplicaCommandKind.ProxyAnswer or ReplicaCommandKind.DecoyReply;

    static bool IsDecoy(string to, ReadOnlyMemory<byte> message) => to.StartsWith("courier", StringComparison.Ordinal)
        ? message.Span.SequenceEqual(CourierInbound.Decoy(new PigeonholeGeometry(2_000)))
        : (ReplicaCommandKind)message.Span[0] is ReplicaCommandKind.Decoy or ReplicaCommandKind.DecoyReply;
}
