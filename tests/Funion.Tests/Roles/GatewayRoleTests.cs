using System.Security.Cryptography;
using Funion.Contracts;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;
using Funion.Storage;
using Funion.Tests.Sphinx;

namespace Funion.Tests.Roles;

/// <summary>Mailboxes: exactly m entries, nothing deleted before it has arrived, nobody else's.</summary>
public sealed class GatewayRoleTests
{
    const int M = 3;

    static readonly SphinxRoute s_route = new(new SphinxGeometry(100), 6);

    readonly VirtualTime _time = new();
    readonly MemoryBoxStore _store = new();
    readonly MemoryPacketQueue _queue;
    readonly HopCounters _counters = new();
    readonly byte[] _secret = RandomNumberGenerator.GetBytes(MailboxRequest.SecretSize);
    long _epoch = SphinxRoute.Epoch;

    public GatewayRoleTests() => _queue = new MemoryPacketQueue(_time);

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_packet_of_another_size_is_refused(int more)
    {
        Assert.Null(Gateway().Submit(new byte[s_route.Geometry.PacketSize + more]));
        Assert.NotNull(Gateway().Submit(new byte[s_route.Geometry.PacketSize]));
    }

    [Fact]
    public async Task An_answer_has_m_entries_oldest_first_and_random_ones_for_the_rest()
    {
        GatewayRole gateway = Gateway();
        SurbId[] ids = await PutAsync(gateway, 2);
        byte[] one = (await PollAsync(gateway, null))!, two = (await PollAsync(gateway, null))!;
        Assert.Equal(M * MailboxAnswer.EntrySize(s_route.Geometry), one.Length);
        Assert.Equal(ids, Ids(one)[..2]);
        // The same two again, for nobody said that they arrived; the third is random each time.
        Assert.Equal(ids, Ids(two)[..2]);
        Assert.NotEqual(Ids(one)[2], Ids(two)[2]);
    }

    [Fact]
    public async Task What_arrived_makes_room_and_nothing_is_skipped()
    {
        GatewayRole gateway = Gateway();
        SurbId[] ids = await PutAsync(gateway, 10);
        List<SurbId> seen = [];
        byte[]? answer = null;
        for (int i = 0; i < 4; i++)
        {
            answer = await PollAsync(gateway, answer);
            seen.AddRange(Ids(answer!));
        }
        Assert.Equal(ids, seen[..10]);
        await PollAsync(gateway, answer);
        Assert.Empty(await NamesAsync());
    }

    [Fact]
    public async Task Whoever_lacks_the_secret_gets_and_deletes_nothing()
    {
        GatewayRole gateway = Gateway();
        SurbId[] ids = await PutAsync(gateway, M);
        byte[] owner = (await PollAsync(gateway, null))!;
        byte[] stranger = (await PollAsync(gateway, owner, RandomNumberGenerator.GetBytes(MailboxRequest.SecretSize)))!;
        Assert.Equal(owner.Length, stranger.Length);
        Assert.Empty(Ids(stranger).Intersect(ids));
        Assert.Equal(M, (await NamesAsync()).Count);
    }

    [Fact]
    public async Task A_reply_that_was_under_way_when_the_epoch_turned_is_found_under_its_mailbox()
    {
        GatewayRole gateway = Gateway();
        RecipientId mailbox = MailboxRequest.MailboxId(_secret, _epoch);
        _epoch++;
        SurbId id = await PutAsync(gateway, mailbox, 1);
        byte[] old = (await gateway.PollAsync(Request(_secret, _epoch - 1, null), default))!;
        Assert.Equal(id, Ids(old)[0]);
        Assert.DoesNotContain(id, Ids((await PollAsync(gateway, null))!));
    }

    [Fact]
    public async Task A_client_whose_clock_is_ahead_at_the_turn_finds_its_replies()
    {
        GatewayRole gateway = Gateway();
        SurbId id = await PutAsync(gateway, MailboxRequest.MailboxId(_secret, _epoch + 1), 1);
        Assert.Equal(id, Ids((await gateway.PollAsync(Request(_secret, _epoch + 1, null), default))!)[0]);
    }

    [Fact]
    public async Task A_malformed_poll_and_one_of_a_distant_epoch_are_refused()
    {
        GatewayRole gateway = Gateway();
        byte[] good = Request(_secret, _epoch, null);
        Assert.Null(await gateway.PollAsync(good.AsMemory(1), default));
        Assert.Null(await gateway.PollAsync(Request(_secret, _epoch + 2, null), default));
        Assert.Null(await gateway.PollAsync(Request(_secret, -1, null), default));
        Assert.NotNull(await gateway.PollAsync(good, default));
    }

    [Fact]
    public async Task A_full_mailbox_costs_a_poll_no_more_than_twice_m_entries()
    {
        GatewayRole filling = Gateway();
        await PutAsync(filling, 200);
        FaultPlan plan = new();
        GatewayRole gateway = Gateway(new FaultyBoxStore(_store, plan));
        byte[]? answer = await PollAsync(gateway, null);
        long before = plan.Operations;
        await PollAsync(gateway, answer);
        // A listing, m deletions, m entries.
        Assert.Equal(1 + M + M, plan.Operations - before);
    }

    [Theory]
    [InlineData(Fault.UnavailableBefore)]
    [InlineData(Fault.UnavailableAfter)]
    [InlineData(Fault.CrashBefore)]
    [InlineData(Fault.CrashAfter)]
    public async Task Cut_off_at_any_operation_a_reply_is_in_its_mailbox_once(Fault fault)
    {
        for (long operation = 1; ; operation++)
        {
            GatewayRoleTests run = new();
            FaultPlan plan = new();
            plan.Strike(operation, fault);
            FaultyPacketQueue queue = new(run._queue, plan);
            HeldPacket reply = run.Reply(MailboxRequest.MailboxId(run._secret, run._epoch), 1);
            await run._queue.EnqueueAsync(QueueNames.GatewayOut, reply.ToBytes(s_route.Geometry), TimeSpan.Zero, default);
            for (int life = 0; life < 4; life++)
            {
                BoxStore store = new FaultyBoxStore(run._store, plan);
                GatewayRole gateway = run.Gateway(store);
                NodePump pump = new(
                    queue, new EffectRunner(store, queue, (_, _, _, _) => ValueTask.CompletedTask),
                    [new QueueHandler(QueueNames.GatewayOut, gateway.ReleaseAsync)],
                    new PumpOptions { Lease = TimeSpan.FromSeconds(3) }, new Simulation.SeededRandom(1), run._time, run._counters);
                try
                {
                    await pump.StepAsync(default);
                }
                catch (CrashException)
                {
                    plan.Restart();
                }
                run._time.Advance(TimeSpan.FromSeconds(4));
            }
            Assert.Equal(reply.SurbId, Ids((await run.PollAsync(run.Gateway(), null))!)[0]);
            Assert.Single(await run.NamesAsync());
            Assert.Equal(0, await run._queue.CountAsync(QueueNames.GatewayOut, default));
            if (operation > plan.Operations)
            {
                Assert.True(operation > 3, "There were operations to strike.");
                return;
            }
        }
    }

    GatewayRole Gateway(BoxStore? store = null)
    {
        HopKey key = s_route[0];
        SphinxHop hop = new(
            s_route.Geometry, new HopKeyring([key with { PrivateKey = new SecretBytes(key.PrivateKey.Span) }]), QueueNames.GatewayOut, _ => true,
            TimeSpan.FromMinutes(1), _time, _counters);
        return new GatewayRole(hop, store ?? _store, M, _ => _epoch, _ => null, _time, _counters);
    }

    async Task<SurbId[]> PutAsync(GatewayRole gateway, int count)
    {
        SurbId[] ids = new SurbId[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = await PutAsync(gateway, MailboxRequest.MailboxId(_secret, _epoch), i);
        }
        return ids;
    }

    async Task<SurbId> PutAsync(GatewayRole gateway, RecipientId mailbox, int i)
    {
        HeldPacket reply = Reply(mailbox, i);
        Work work = await gateway.ReleaseAsync(new Delivery(QueueNames.GatewayOut, $"{i}", "r", reply.ToBytes(s_route.Geometry), 1), default);
        await new EffectRunner(_store, _queue, (_, _, _, _) => ValueTask.CompletedTask).RunAsync(work, default);
        return reply.SurbId;
    }

    HeldPacket Reply(RecipientId mailbox, int i) => new(
        _time.GetUtcNow() + TimeSpan.FromMilliseconds(i), HeldKind.Reply, new Bytes32(mailbox.AsSpan()),
        new SurbId(RandomNumberGenerator.GetBytes(SurbId.Size)), RandomNumberGenerator.GetBytes(s_route.Geometry.PayloadSize));

    ValueTask<byte[]?> PollAsync(GatewayRole gateway, byte[]? last, byte[]? secret = null) =>
        gateway.PollAsync(Request(secret ?? _secret, _epoch, last), default);

    static byte[] Request(byte[] secret, long epoch, byte[]? last) => new MailboxRequest(
        secret, epoch, last is null ? new byte[M * SurbId.Size] : MailboxAnswer.Cursor(s_route.Geometry, last)).ToBytes();

    static SurbId[] Ids(byte[] answer)
    {
        byte[] cursor = MailboxAnswer.Cursor(s_route.Geometry, answer);
        return [.. Enumerable.Range(0, M).Select(i => new SurbId(cursor.AsSpan(i * SurbId.Size, SurbId.Size)))];
    }

    async Task<List<string>> NamesAsync()
    {
        List<string> names = [];
        await foreach (long epoch in _store.ListEpochsAsync(GatewayRole.MailboxShelf, default))
        {
            await foreach (string name in _store.ListAsync(GatewayRole.MailboxShelf, epoch, "", default))
            {
                names.Add(name);
            }
        }
        return names;
    }
}
