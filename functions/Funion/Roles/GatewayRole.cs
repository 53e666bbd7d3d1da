using Funion.Mixing;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// A gateway: where clients enter, and where replies wait for them. It is the first hop of what goes out and the last of what comes back.
/// It sees an address and a constant stream of equal packets; neither destinations nor which packets are real.
/// </summary>
/// <param name="hop">The common part.</param>
/// <param name="store">Mailboxes.</param>
/// <param name="packetsPerPoll">m: how many entries every answer has.</param>
/// <param name="epochAt">The network epoch at a time.</param>
/// <param name="inbound">The queue on which a node takes packets.</param>
/// <param name="time">Clock.</param>
/// <param name="counters">Totals.</param>
/// <param name="loops">Its own loops, if it sends any.</param>
/// <param name="sheds">Whether to turn one packet away, because it or the network is full; null: never.</param>
public sealed class GatewayRole(
    SphinxHop hop, BoxStore store, int packetsPerPoll, Func<DateTimeOffset, long> epochAt, Func<NodeId, string?> inbound, TimeProvider time,
    HopCounters counters, LoopRole? loops = null, Func<bool>? sheds = null)
{
    /// <summary>Shelf of the mailboxes, by network epoch; names are "mailbox id/due time, SURB id", so that a listing gives the oldest first.</summary>
    public const string MailboxShelf = "mailboxes";

    const int TimeDigits = 12;

    /// <summary>Takes a packet from a client: queued as it is when it has the network's size, null when it has not.</summary>
    /// <exception cref="NetworkFullException">The network is full, and this packet was chosen to wait outside.</exception>
    public Work? Submit(ReadOnlyMemory<byte> packet)
    {
        if (packet.Length != hop.Geometry.PacketSize)
        {
            return null;
        }
        return sheds?.Invoke() == true
            ? throw new NetworkFullException()
            : Work.Of(new Effect.Enqueue(QueueNames.GatewayIn, packet, TimeSpan.Zero));
    }

    /// <summary>Takes a packet from <c>gateway-in</c>: a client's, or a reply from the last layer.</summary>
    public Work Receive(Delivery delivery) => hop.Peel(delivery);

    /// <summary>Forwards a client's packet, or puts a reply into its mailbox.</summary>
    public async ValueTask<Work> ReleaseAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        HeldPacket? held = HeldPacket.TryParse(hop.Geometry, delivery.Message);
        switch (held?.Kind)
        {
            case HeldKind.Forward:
                return MixRole.Forward(held, inbound, counters);
            case HeldKind.Reply when loops is not null && held.Recipient == default:
                return await loops.ReturnAsync(held.SurbId, held.Body, cancellation);
            case HeldKind.Reply:
                counters.CountReply();
                return Work.Of(new Effect.Put(Entry(held, epochAt(time.GetUtcNow())), held.Body));
            default:
                counters.CountRefused();
                return Work.None;
        }
    }

    /// <summary>
    /// Answers a poll: deletes what the cursor says has arrived, gives exactly m entries. Null for a malformed request; a mailbox that does not
    /// exist is an empty one.
    /// </summary>
    public async ValueTask<byte[]?> PollAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (MailboxRequest.TryParse(body, packetsPerPoll) is not { } request || request.Epoch > epochAt(time.GetUtcNow()) + 1)
        {
            return null;
        }
        RecipientId mailbox = MailboxRequest.MailboxId(request.Secret.Span, request.Epoch);
        HashSet<SurbId> arrived = [];
        for (int i = 0; i < packetsPerPoll; i++)
        {
            arrived.Add(new SurbId(request.Cursor.Span.Slice(i * SurbId.Size, SurbId.Size)));
        }
        List<(SurbId Id, ReadOnlyMemory<byte> Payload)> entries = [];
        // A reply that was under way when the epoch turned lies on the next epoch's shelf.
        long now = epochAt(time.GetUtcNow()), last = Math.Min(request.Epoch + 1, now);
        // Those of a client whose clock is ahead lie on this epoch's.
        for (long epoch = Math.Min(request.Epoch, now); epoch <= last; epoch++)
        {
            if (entries.Count < packetsPerPoll)
            {
                await CollectAsync(mailbox, epoch, arrived, entries, cancellation);
            }
        }
        return MailboxAnswer.Build(hop.Geometry, packetsPerPoll, entries);
    }

    async ValueTask CollectAsync(
        RecipientId mailbox, long epoch, HashSet<SurbId> arrived, List<(SurbId Id, ReadOnlyMemory<byte> Payload)> entries,
        CancellationToken cancellation)
    {
        string prefix = mailbox + "/";
        await foreach (string name in store.ListAsync(MailboxShelf, epoch, prefix, cancellation))
        {
            if (entries.Count == packetsPerPoll)
            {
                // The oldest come first, and what the cursor names was among them: however full a mailbox is, a poll costs no more than 2m entries.
                break;
            }
            StoreKey key = new(MailboxShelf, epoch, name);
            SurbId id = new(Convert.FromHexString(name.AsSpan(prefix.Length + TimeDigits)));
            if (arrived.Contains(id))
            {
                await store.DeleteAsync(key, cancellation);
            }
            else if (await store.GetAsync(key, cancellation) is { } value
                && value.Value.Length == hop.Geometry.PayloadSize)
            {
                entries.Add((id, value.Value));
            }
        }
    }

    static StoreKey Entry(HeldPacket reply, long epoch)
    {
        Span<byte> id = stackalloc byte[SurbId.Size];
        reply.SurbId.CopyTo(id);
        string due = reply.Due.ToUnixTimeMilliseconds().ToString("x12", System.Globalization.CultureInfo.InvariantCulture);
        return new StoreKey(MailboxShelf, epoch, $"{reply.Recipient}/{due}{Convert.ToHexStringLower(id)}");
    }
}
