using System.Buffers.Binary;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// A courier: passes sealed envelopes to two replicas and their answers back by SURB. It sees ciphertext; not the client, not the box, not whether it
/// is read or written, not what became of it. A client asks twice in any case: the first time it is acknowledged, later it gets the answer.
/// An envelope is remembered for five minutes, so a resend does not become a second operation.
/// </summary>
/// <param name="self">This node.</param>
/// <param name="document">The network.</param>
/// <param name="store">What it remembers.</param>
/// <param name="time">Clock.</param>
public sealed class CourierRole(NodeId self, NetworkDocument document, BoxStore store, TimeProvider time)
{
    /// <summary>Shelf of envelopes and answers, by window of five minutes: dropped as a whole.</summary>
    public const string Shelf = "envelopes";

    /// <summary>How often a silent envelope is passed on again.</summary>
    public const int MostDispatches = 5;

    /// <summary>After this an envelope without an answer is passed on again.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    static readonly TimeSpan s_window = TimeSpan.FromMinutes(5);

    readonly SphinxGeometry _sphinx = new(document.Geometry.UserPayload, document.Geometry.Hops);

    readonly PigeonholeGeometry _geometry = new(document.Geometry.UserPayload);

    /// <summary>The window in which a time lies; those before the last are deleted.</summary>
    public static long WindowAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / (long)s_window.TotalSeconds;

    /// <summary>Takes a query whose hop delay is over.</summary>
    public async ValueTask<Work> HandleAsync(ServiceRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (CourierEnvelope.TryParse(_geometry, request.Payload) is not { } envelope)
        {
            return Work.Of(Answer(request, new CourierReply(default, 0, default, EnvelopeError.InvalidEnvelope)));
        }
        EnvelopeHash hash = envelope.Hash();
        DateTimeOffset now = time.GetUtcNow();
        long current = document.ReplicaEpochAt(now);
        // Compared, not subtracted: the client writes all 64 bits, and a difference of them overflows.
        if (envelope.ReplicaEpoch < current - 1 || envelope.ReplicaEpoch > current + 1)
        {
            return Work.Of(Answer(request, new CourierReply(hash, 0, default, EnvelopeError.InvalidEpoch)));
        }
        if (document.Replicas.ElementAtOrDefault(envelope.FirstReplica) is not { } first
            || document.Replicas.ElementAtOrDefault(envelope.SecondReplica) is not { } second || first == second)
        {
            return Work.Of(Answer(request, new CourierReply(hash, 0, default, EnvelopeError.InvalidEnvelope)));
        }
        if (await FindAnswerAsync(hash, envelope.ReplyIndex, now, cancellation) is { } answer)
        {
            return Work.Of(Answer(request, answer));
        }
        IReadOnlyList<Effect> acknowledge = Answer(request, new CourierReply(hash, envelope.ReplyIndex, default, EnvelopeError.None));
        return await NextDispatchAsync(hash, now, cancellation) is { } marker
            ? Work.Of([Known(hash, now), Pass(envelope, hash, first, 0), Pass(envelope, hash, second, 1), marker, .. acknowledge])
            : Work.Of(acknowledge);
    }

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
                return Work.Once(new Gate(AnswerKey(at, inbound.Hash, inbound.Index), inbound.SealedAnswer));
            }
        }
        return Work.None;
    }

    async ValueTask<CourierReply?> FindAnswerAsync(EnvelopeHash hash, byte wanted, DateTimeOffset now, CancellationToken cancellation)
    {
        long window = WindowAt(now);
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

    /// <summary>
    /// The marker to set after passing an envelope on, or null when it was passed on lately or often enough. It comes after the sends: a crash between
    /// sends twice, which replicas bear; the other order would send never.
    /// </summary>
    async ValueTask<Effect?> NextDispatchAsync(EnvelopeHash hash, DateTimeOffset now, CancellationToken cancellation)
    {
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

    /// <summary>Set before the sends: an answer is only taken for an envelope that is known, and it may be faster than the marker.</summary>
    static Effect Known(EnvelopeHash hash, DateTimeOffset now) => new Effect.Put(KnownKey(WindowAt(now), hash), new byte[1]);

    Effect Pass(CourierEnvelope envelope, EnvelopeHash hash, NodeDescriptor replica, byte index) => PacedLinks.Say(
        replica,
        new ReplicaCommand(
            ReplicaCommandKind.Envelope, self, envelope.ReplicaEpoch, new Bytes32(hash.AsSpan()), index, envelope.EphemeralKey,
            index == 0 ? envelope.FirstDek : envelope.SecondDek, default, envelope.Ciphertext).ToBytes(_geometry));

    IReadOnlyList<Effect> Answer(ServiceRequest request, CourierReply reply) =>
        SurbAnswer.TryBuild(_sphinx, request, reply.ToBytes(_sphinx.ReplyPayloadSize), document.Inbound) is { } answer ? [answer] : [];

    static StoreKey KnownKey(long window, EnvelopeHash hash) => new(Shelf, window, $"{hash}/k");

    static StoreKey DispatchKey(long window, EnvelopeHash hash, int count) => new(Shelf, window, $"{hash}/d{count}");

    static StoreKey AnswerKey(long window, EnvelopeHash hash, byte index) => new(Shelf, window, $"{hash}/a{index}");
}
