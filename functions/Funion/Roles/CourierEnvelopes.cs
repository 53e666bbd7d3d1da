using System.Buffers.Binary;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Roles;

/// <summary>
/// What a courier remembers of envelopes, for five minutes, and how it hands them to replicas. The role passes clients' envelopes on with it, a copy its own
/// and those it was given.
/// </summary>
/// <param name="self">This node.</param>
/// <param name="document">The network.</param>
/// <param name="store">What it remembers.</param>
/// <param name="time">Clock.</param>
/// <param name="waiting">How many messages wait on one of the courier's queues.</param>
public sealed class CourierEnvelopes(
    NodeId self, NetworkDocument document, BoxStore store, TimeProvider time, Func<string, CancellationToken, ValueTask<int>> waiting)
{
    /// <summary>Shelf of envelopes and answers, by window of five minutes: dropped as a whole.</summary>
    public const string Shelf = "envelopes";

    /// <summary>How often a silent envelope is passed on again.</summary>
    public const int MostDispatches = 5;

    /// <summary>After this an envelope without an answer is passed on again.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    static readonly TimeSpan s_window = TimeSpan.FromMinutes(5);

    readonly PigeonholeGeometry _geometry = new(document.Geometry.UserPayload);

    /// <summary>
    /// What may wait for the slots of one link: what they carry in half a minute. Beyond that an envelope is acknowledged and not passed on, and its client
    /// asks again; who floods a courier does not fill its queues.
    /// </summary>
    readonly int _mostWaiting = (int)Math.Max(8, 30 * document.Rates.LinkPerSecond);

    /// <summary>The window in which a time lies; those before the last are deleted.</summary>
    public static long WindowAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / (long)s_window.TotalSeconds;

    /// <summary>The two intermediates that an envelope names; null when it names none, or one twice.</summary>
    internal (NodeDescriptor First, NodeDescriptor Second)? ReplicasOf(CourierEnvelope envelope) =>
        document.Replicas.ElementAtOrDefault(envelope.FirstReplica) is { } first
        && document.Replicas.ElementAtOrDefault(envelope.SecondReplica) is { } second && first != second
            ? (first, second)
            : null;

    /// <summary>Whether an envelope's replica epoch is one of the three that are taken.</summary>
    internal bool IsOfTheTime(CourierEnvelope envelope)
    {
        long current = document.ReplicaEpochAt(time.GetUtcNow());
        // Compared, not subtracted: the client writes all 64 bits, and a difference of them overflows.
        return envelope.ReplicaEpoch >= current - 1 && envelope.ReplicaEpoch <= current + 1;
    }

    internal ValueTask<int> WaitingAsync(string queue, CancellationToken cancellation) => waiting(queue, cancellation);

    /// <summary>Whether as much waits for one of two links as may.</summary>
    internal async ValueTask<bool> AreFullAsync(NodeDescriptor first, NodeDescriptor second, CancellationToken cancellation) =>
        await waiting(QueueNames.Link(first), cancellation) >= _mostWaiting || await waiting(QueueNames.Link(second), cancellation) >= _mostWaiting;

    /// <summary>
    /// What hands an envelope to its two replicas. That it is known is set before: an answer is only taken for an envelope that is, and it may be faster
    /// than a marker that is set after.
    /// </summary>
    internal IReadOnlyList<Effect> Dispatch(CourierEnvelope envelope, EnvelopeHash hash, NodeDescriptor first, NodeDescriptor second) =>
    [
        new Effect.Put(KnownKey(WindowAt(time.GetUtcNow()), hash), new byte[1]), Pass(envelope, hash, first, 0), Pass(envelope, hash, second, 1),
    ];

    /// <summary>Takes what a replica answered: the first answer of each intermediate counts, for an envelope that was passed on.</summary>
    public async ValueTask<Work> ReceiveAnswerAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        if (CourierInbound.TryParse(_geometry, delivery.Message) is not { } inbound)
        {
            return Work.None;
        }
        long window = WindowAt(time.GetUtcNow());
        for (long at = window; at >= window - 1; at--)
        {
            if (await store.GetAsync(KnownKey(at, inbound.Hash), cancellation) is not null)
            {
                Gate first = new(AnswerKey(at, inbound.Hash, inbound.Index), inbound.SealedAnswer);
                // A later answer may bring the bit that a passing failure held back.
                return inbound.Accept == CopyAccept.NotAsked
                    ? Work.Once(first)
                    : new Work(first, _ => [new Effect.Put(AcceptKey(at, inbound.Hash, inbound.Index), new[] { (byte)inbound.Accept })]);
            }
        }
        return Work.None;
    }

    /// <summary>The answer of one intermediate, the wanted one first; null while there is none.</summary>
    internal async ValueTask<CourierReply?> FindAnswerAsync(EnvelopeHash hash, byte wanted, CancellationToken cancellation)
    {
        long window = WindowAt(time.GetUtcNow());
        foreach (byte index in (byte[])[wanted, (byte)(1 - wanted)])
        {
            for (long at = window; at >= window - 1; at--)
            {
                if (await store.GetAsync(AnswerKey(at, hash, index), cancellation) is { } answer)
                {
                    return new CourierReply(hash, index, answer.Value, EnvelopeError.None);
                }
            }
        }
        return null;
    }

    /// <summary>What the two intermediates said of a write for a copy: taken when one of them says so, refused when both do.</summary>
    internal async ValueTask<CopyAccept> FindAcceptAsync(EnvelopeHash hash, CancellationToken cancellation)
    {
        long window = WindowAt(time.GetUtcNow());
        int refused = 0;
        for (byte index = 0; index <= 1; index++)
        {
            for (long at = window; at >= window - 1; at--)
            {
                if (await store.GetAsync(AcceptKey(at, hash, index), cancellation) is { Value.Length: 1 } said)
                {
                    if (said.Value.Span[0] == (byte)CopyAccept.Taken)
                    {
                        return CopyAccept.Taken;
                    }
                    refused++;
                    break;
                }
            }
        }
        return refused == 2 ? CopyAccept.Refused : CopyAccept.NotAsked;
    }

    /// <summary>
    /// The marker to set after passing an envelope on, or null when it was passed on lately or often enough. It comes after the sends: a crash between
    /// sends twice, which replicas bear; the other order would send never.
    /// </summary>
    internal async ValueTask<Effect?> NextDispatchAsync(EnvelopeHash hash, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        long window = WindowAt(now);
        int count = 0;
        DateTimeOffset last = DateTimeOffset.MinValue;
        for (long at = window - 1; at <= window; at++)
        {
            for (int i = count; i < MostDispatches && await store.GetAsync(DispatchKey(at, hash, i), cancellation) is { } marker; i++)
            {
                count = i + 1;
                last = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(marker.Value.Span));
            }
        }
        if (count == MostDispatches || (count > 0 && now - last <= Silence))
        {
            return null;
        }
        byte[] value = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(value, now.ToUnixTimeMilliseconds());
        return new Effect.Put(DispatchKey(window, hash, count), value);
    }

    Effect Pass(CourierEnvelope envelope, EnvelopeHash hash, NodeDescriptor replica, byte index) => PacedLinks.Say(
        replica,
        new ReplicaCommand(
            ReplicaCommandKind.Envelope, self, envelope.ReplicaEpoch, new Bytes32(hash.AsSpan()), index, envelope.EphemeralKey,
            index == 0 ? envelope.FirstDek : envelope.SecondDek, default, envelope.Ciphertext).ToBytes(_geometry));

    static StoreKey KnownKey(long window, EnvelopeHash hash) => new(Shelf, window, $"{hash}/k");

    static StoreKey DispatchKey(long window, EnvelopeHash hash, int count) => new(Shelf, window, $"{hash}/d{count}");

    static StoreKey AnswerKey(long window, EnvelopeHash hash, byte index) => new(Shelf, window, $"{hash}/a{index}");

    static StoreKey AcceptKey(long window, EnvelopeHash hash, byte index) => new(Shelf, window, $"{hash}/c{index}");
}
