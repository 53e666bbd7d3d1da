using Funion.Bacap;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Contracts;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>All or nothing: what a courier copies is there as a whole, or not at all, whatever happens to the courier.</summary>
public sealed class CopyTests
{
    static readonly TimeSpan s_long = TimeSpan.FromMinutes(30);

    static readonly byte[] s_content = [.. Enumerable.Range(0, 4_000).Select(i => (byte)(i * 7 % 251))];

    [Fact]
    public void A_file_is_there_at_once_and_the_temporary_stream_is_gone()
    {
        using SimulatedNetwork network = new(dummies: false);
        HashSet<BoxId> before = [];
        WriteCapability write = network.Run.Until(
            network.Client.PutAllAsync(s_content, progress => before = progress.Stage == "copy" ? Stored(network) : before, default), s_long);
        BoxId[] file = [.. Ids(write, 3)];
        Assert.True(before.Count > 3);
        Assert.Empty(before.Intersect(file));
        Assert.Equal(s_content, network.Run.Until(network.Client.GetAsync(write.ToReadCapability(), 1 << 20, null, default), s_long));
        network.Run.For(TimeSpan.FromMinutes(1));
        // What is left are the file's boxes; all others are tombstones.
        Assert.Equal(file.ToHashSet(), Stored(network));
    }

    [Fact]
    public void A_stream_that_is_not_whole_leaves_nothing()
    {
        using SimulatedNetwork network = new(dummies: false);
        (WriteCapability write, IReadOnlyList<byte[]> pieces) = Prepare(network, WriteCapability.Create());
        Assert.False(Copy(network, [.. pieces.SkipLast(1)]));
        Assert.Empty(Stored(network).Intersect(Ids(write, 3)));
    }

    [Fact]
    public void What_is_no_envelope_leaves_nothing()
    {
        using SimulatedNetwork network = new(dummies: false);
        (WriteCapability write, IReadOnlyList<byte[]> pieces) = Prepare(network, WriteCapability.Create());
        foreach (int at in (int[])[0, 3, 5, 9])
        {
            // Flags, length of the piece, length of the query, its type.
            byte[][] damaged = [.. pieces.Select(piece => piece.ToArray())];
            damaged[0][at] ^= 0x55;
            Assert.False(Copy(network, damaged));
        }
        byte[][] replica = [.. pieces.Select(piece => piece.ToArray())];
        replica[0][11] = replica[0][10];
        Assert.False(Copy(network, replica));
        Assert.Empty(Stored(network).Intersect(Ids(write, 3)));
        // The control: undamaged it is copied.
        Assert.True(Copy(network, pieces));
        Assert.Equal(3, Stored(network).Intersect(Ids(write, 3)).Count());
    }

    [Fact]
    public void A_box_that_is_taken_is_refused()
    {
        using SimulatedNetwork network = new(dummies: false);
        (WriteCapability write, IReadOnlyList<byte[]> pieces) = Prepare(network, WriteCapability.Create());
        PigeonholeGeometry geometry = network.Client.Boxes.Geometry;
        Box other = write.Seal(write.First, BacapContext.Pigeonhole, geometry.PadPlaintext("somebody was first"u8));
        Assert.Equal(BoxStatus.Ok, network.Run.Until(network.Client.Boxes.WriteAsync(other, default), s_long).Status);
        Assert.False(Copy(network, pieces));
    }

    [Fact]
    public void A_command_said_many_times_is_one_copy_and_one_for_a_stream_that_is_not_there_costs_little()
    {
        int steps = 0, commands = 0;
        using SimulatedNetwork network = new(dummies: false, wrap: (ports, name) => name.StartsWith("courier", StringComparison.Ordinal)
            ? ports with
            {
                Queue = new Tap(ports.Queue, (queue, _) =>
                {
                    steps += queue == QueueNames.Copies ? 1 : 0;
                    commands += queue.StartsWith("link", StringComparison.Ordinal) ? 1 : 0;
                }),
            }
            : ports);
        WriteCapability absent = WriteCapability.Create();
        DateTimeOffset began = network.Time.GetUtcNow();
        NodeDescriptor courier = network.Document.Couriers[0];
        // All at once: each is a packet of its own.
        Task<bool>[] said = [.. Enumerable.Range(0, 12).Select(_ => network.Client.Boxes.CopyAsync(absent, courier, default))];
        network.Run.Until(() => said.All(task => task.IsCompleted), s_long);
        Assert.All(said, copied => Assert.False(copied.Result));
        // One box, ten attempts, two intermediates each.
        Assert.InRange(commands, 2, 2 * CopyRole.MostAttempts);
        DateTimeOffset ended = network.Time.GetUtcNow();
        int before = steps;
        network.Run.For(TimeSpan.FromMinutes(2));
        Assert.Equal(before, steps);
        // About one step to each pause while it lasted, not twelve.
        TimeSpan pause = TimeSpan.FromSeconds(Math.Max(0.25, 1 / network.Document.Rates.LinkPerSecond));
        Assert.InRange(steps, 10, (int)(1.5 * (ended - began).TotalSeconds / pause.TotalSeconds));
    }

    [Fact]
    public void The_courier_learns_one_bit_of_a_copy_and_none_of_anything_else()
    {
        Dictionary<string, PartyView> views = [];
        List<CopyAccept> bits = [];
        using SimulatedNetwork network = new(dummies: false, wrap: (ports, name) =>
        {
            if (!name.StartsWith("courier", StringComparison.Ordinal))
            {
                return ports;
            }
            PartyView view = views[name] = new PartyView();
            return ports with
            {
                Store = new PartyView.Store(ports.Store, view),
                Queue = new Tap(new PartyView.Queue(ports.Queue, view), (queue, message) =>
                {
                    if (queue == QueueNames.CourierReplies && CourierInbound.TryParse(new PigeonholeGeometry(2_000), message) is { } inbound)
                    {
                        bits.Add(inbound.Accept);
                    }
                }),
            };
        });
        WriteCapability plain = network.Run.Until(network.Client.PutAsync(s_content, null, default), s_long);
        network.Run.Until(network.Client.GetAsync(plain.ToReadCapability(), 1 << 20, null, default), s_long);
        network.Run.Until(network.Client.DeleteAsync(plain, null, default), s_long);
        Assert.True(bits.Count > 10);
        Assert.All(bits, bit => Assert.Equal(CopyAccept.NotAsked, bit));
        WriteCapability write = network.Run.Until(network.Client.PutAllAsync(s_content, null, default), s_long);
        network.Run.For(TimeSpan.FromMinutes(1));
        Assert.Contains(CopyAccept.Taken, bits);
        byte[][] secrets = [.. Ids(write, 3).Select(id => id.AsSpan().ToArray()), s_content[100..132], write.ToBytes()[..32], write.ToBytes()[32..64]];
        Assert.All(views.Values, view => Assert.All(secrets, secret => Assert.False(view.Contains(secret))));
    }

    [Theory]
    [InlineData(Fault.UnavailableBefore, 1)]
    [InlineData(Fault.UnavailableAfter, 5)]
    [InlineData(Fault.CrashBefore, 9)]
    [InlineData(Fault.CrashAfter, 13)]
    public void Cut_off_anywhere_a_courier_goes_on_with_its_copy(Fault fault, int first)
    {
        long operations = Live(null);
        Assert.True(operations > 60, $"{operations}");
        // Every sixteenth operation, each fault at others.
        for (long k = first; k <= operations; k += 16)
        {
            Live(plan => plan.Strike(k, fault));
        }
    }

    [Fact]
    public void Random_and_damaged_messages_never_throw()
    {
        PigeonholeGeometry geometry = new(2_000);
        SeededRandom random = new(3);
        WriteCapability temporary = WriteCapability.Create();
        byte[] good = CopyCommand.ToQuery(geometry, temporary);
        Assert.True(CopyCommand.TryParse(geometry, good, out WriteCapability? parsed));
        Assert.Equal(temporary.ToBytes(), parsed.ToBytes());
        for (int i = 0; i < 3_000; i++)
        {
            byte[] bytes = new byte[random.Below(3) == 0 ? 2_000 : random.Below(2_100)];
            random.Fill(bytes);
            if (bytes.Length > 0)
            {
                bytes[0] = (byte)random.Below(3);
            }
            Assert.False(CopyCommand.TryParse(geometry, bytes, out _));
            CopyStream.IsLast(geometry, bytes, random.Below(2) == 0);
            Assert.Null(CopyStream.Join(geometry, [bytes, bytes]));
            CopyCommand.TryParseReply(bytes);
            byte[] flipped = [.. good];
            // Not in the padding alone: each of these bytes is checked.
            flipped[random.Below(flipped.Length)] ^= (byte)(1 + random.Below(255));
            CopyCommand.TryParse(geometry, flipped, out _);
        }
        Assert.False(CopyCommand.TryParse(geometry, good.AsMemory(1), out _));
        foreach (CopyStatus status in Enum.GetValues<CopyStatus>())
        {
            Assert.Equal(status, CopyCommand.TryParseReply(CopyCommand.ToReply(status, 500)));
        }
    }

    static long Live(Action<FaultPlan>? strike)
    {
        FaultPlan faults = new();
        LocalNetworkOptions options = new()
        {
            UserPayload = 2_000, Rates = new Rates { LinkPerKilosecond = 1_000, ComputePerKilosecond = 4_000 },
        };
        using SimulatedNetwork network = new(options, dummies: false, wrap: (ports, name) => name.StartsWith("courier", StringComparison.Ordinal)
            ? ports with { Store = new FaultyBoxStore(ports.Store, faults, shelf => shelf == CopyRole.Shelf) }
            : ports);
        strike?.Invoke(faults);
        Task<WriteCapability> put = network.Client.PutAllAsync(s_content.AsMemory(0, 2_000), null, default);
        while (!put.IsCompleted)
        {
            try
            {
                network.Run.Until(() => put.IsCompleted, s_long);
            }
            catch (CrashException)
            {
                faults.Restart();
                network.Restart();
            }
        }
        Task<byte[]> get = network.Client.GetAsync(put.GetAwaiter().GetResult().ToReadCapability(), 1 << 20, null, default);
        Assert.Equal(s_content[..2_000], network.Run.Until(get, s_long));
        return faults.Operations;
    }

    static (WriteCapability Write, IReadOnlyList<byte[]> Pieces) Prepare(SimulatedNetwork network, WriteCapability write)
    {
        PigeonholeClient client = network.Client.Boxes;
        List<ReadOnlyMemory<byte>> writes = [];
        MessageBoxIndex? index = write.First;
        for (int i = 0; i < 3; i++)
        {
            writes.Add(client.SealForCopy(write.Seal(index!, BacapContext.Pigeonhole, client.Geometry.PadPlaintext(s_content.AsSpan(i * 1_000, 1_000)))));
            index!.TryNext(out index);
        }
        return (write, CopyStream.Cut(client.Geometry, writes));
    }

    static bool Copy(SimulatedNetwork network, IReadOnlyList<byte[]> pieces)
    {
        PigeonholeClient client = network.Client.Boxes;
        WriteCapability temporary = WriteCapability.Create();
        MessageBoxIndex? index = temporary.First;
        foreach (byte[] piece in pieces)
        {
            Box box = temporary.Seal(index!, BacapContext.Pigeonhole, client.Geometry.PadPlaintext(piece));
            Assert.Equal(BoxStatus.Ok, network.Run.Until(client.WriteAsync(box, default), s_long).Status);
            index!.TryNext(out index);
        }
        return network.Run.Until(client.CopyAsync(temporary, network.Document.Couriers[0], default), s_long);
    }

    static IEnumerable<BoxId> Ids(WriteCapability write, int count)
    {
        ReadCapability read = write.ToReadCapability();
        MessageBoxIndex? index = read.First;
        for (int i = 0; i < count; i++)
        {
            yield return read.BoxIdAt(index!, BacapContext.Pigeonhole);
            index!.TryNext(out index);
        }
    }

    /// <summary>Every box at any replica that is not a tombstone.</summary>
    static HashSet<BoxId> Stored(SimulatedNetwork network)
    {
        HashSet<BoxId> stored = [];
        long epoch = network.Document.ReplicaEpochAt(network.Time.GetUtcNow());
        foreach (LocalPorts ports in network.Ports.Where(node => node.Key.StartsWith("replica", StringComparison.Ordinal)).Select(node => node.Value))
        {
            foreach (string name in ports.Store.ListAsync(ReplicaRole.Shelf, epoch, "", default).ToBlockingEnumerable())
            {
                BoxId id = new(Convert.FromHexString(name));
                Task<StoredValue?> value = ports.Store.GetAsync(new StoreKey(ReplicaRole.Shelf, epoch, name), default).AsTask();
                if (StoredBox.TryRead(id, value.Result!.Value) is { IsTombstone: false })
                {
                    stored.Add(id);
                }
            }
        }
        return stored;
    }
}
