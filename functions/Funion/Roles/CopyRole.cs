using System.Buffers.Binary;
using Funion.Bacap;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// A courier's copies. It reads a temporary stream whose write capability it was handed, takes sealed envelopes out of it, and passes them on when the
/// last one is there and all are well-formed: all, or nothing. Of each it learns one bit, taken or not; of the boxes nothing, for the envelopes are
/// sealed to replicas. Then it deletes the temporary stream.
/// <para>The work goes in steps, one message each on the courier's own queue; what was found lies in the store, so that any process goes on with it. A
/// step may be repeated.</para>
/// References: Echomix (arXiv 2501.02933), section 5.6.
/// </summary>
/// <param name="document">The network.</param>
/// <param name="envelopes">How envelopes go to replicas and answers come back.</param>
/// <param name="store">The courier's own.</param>
/// <param name="key">Seals the capability and what opens answers, at rest. Taken over.</param>
/// <param name="random">Draws.</param>
/// <param name="time">Clock.</param>
public sealed class CopyRole(
    NetworkDocument document, CourierEnvelopes envelopes, BoxStore store, SecretBytes key, RandomSource random, TimeProvider time) : IDisposable
{
    /// <summary>Shelf of copies, by window of half an hour: dropped as a whole.</summary>
    public const string Shelf = "copies";

    /// <summary>How often a box is asked for, or an envelope passed on, before the copy is given up.</summary>
    public const int MostAttempts = 10;

    const int ReadsAtOnce = 8, WritesAtOnce = 16;

    static readonly TimeSpan s_window = TimeSpan.FromMinutes(30), s_silence = TimeSpan.FromSeconds(15), s_lost = TimeSpan.FromMinutes(1);

    readonly SphinxGeometry _sphinx = new(document.Geometry.UserPayload, document.Geometry.Hops);
    readonly PigeonholeGeometry _geometry = new(document.Geometry.UserPayload);
    readonly ShardMap _shards = new(document);

    /// <summary>Between two steps: about a slot of a link.</summary>
    readonly TimeSpan _pause = TimeSpan.FromSeconds(Math.Max(0.25, Rates.Mean(document.Rates.LinkPerKilosecond).TotalSeconds));

    /// <summary>The window in which a time lies; those before the last are deleted.</summary>
    public static long WindowAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / (long)s_window.TotalSeconds;

    /// <summary>Takes a copy command whose hop delay is over: begins, or says how far it is.</summary>
    public async ValueTask<Work> HandleAsync(ServiceRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!CopyCommand.TryParse(_geometry, request.Payload, out WriteCapability? temporary))
        {
            return Work.Of(Answer(request, CopyStatus.Failed));
        }
        DateTimeOffset now = time.GetUtcNow();
        byte[] capability = temporary.ToBytes();
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Blake2b.Hash256("funion-copy-id-v1"u8, capability, hash);
        Bytes32 id = new(hash);
        for (long window = WindowAt(now); window >= WindowAt(now) - 1; window--)
        {
            Job known = new(window, id);
            if (await store.GetAsync(known.Key(Kind.Status), cancellation) is { Value.Length: 1 } status)
            {
                return Work.Of(Answer(request, (CopyStatus)status.Value.Span[0]));
            }
            if (await store.GetAsync(known.Key(Kind.Job), cancellation) is null)
            {
                continue;
            }
            // Its steps may have been lost between two effects.
            bool lost = now - await LastStepAsync(known, cancellation) > s_lost;
            return Work.Of([.. lost ? [Step(known)] : (Effect[])[], .. Answer(request, CopyStatus.InProgress)]);
        }
        Job job = new(WindowAt(now), id);
        return Work.Of(
            [new Effect.Put(job.Key(Kind.Job), SealedAtRest.Seal(key.Span, job.Key(Kind.Job), capability)), Step(job), .. Answer(request, CopyStatus.InProgress)]);
    }

    /// <summary>Takes a step from the courier's own queue.</summary>
    public async ValueTask<Work> StepAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        if (Job.TryParse(delivery.Message.Span) is not { } job || await store.GetAsync(job.Key(Kind.Job), cancellation) is not { } stored
            || SealedAtRest.TryOpen(key.Span, job.Key(Kind.Job), stored.Value.Span) is not { } capability
            || !WriteCapability.TryParse(capability, out WriteCapability? temporary))
        {
            return Work.None;
        }
        (int boxes, bool whole, bool passing) = await ProgressAsync(job, cancellation);
        List<Effect> effects = [new Effect.Overwrite(job.Key(Kind.Step), Milliseconds(time.GetUtcNow()))];
        bool? done = whole
            ? await WriteAsync(job, temporary, boxes, passing, effects, cancellation)
            : await ReadAsync(job, temporary, boxes, effects, cancellation);
        if (done is null)
        {
            return Work.Of([.. effects, new Effect.Enqueue(QueueNames.Copies, job.ToBytes(), _pause)]);
        }
        CopyStatus status = done.Value ? CopyStatus.Done : CopyStatus.Failed;
        // What it came to first, and it stays: what is deleted after that looks like a copy that failed to a step that is repeated. The capability last.
        return Work.Of([new Effect.Put(job.Key(Kind.Status), new[] { (byte)status }), .. effects, new Effect.Delete(job.Key(Kind.Job))]);
    }

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    /// <summary>Reads some boxes further. False when the stream is none; null: not there yet.</summary>
    async ValueTask<bool?> ReadAsync(Job job, WriteCapability temporary, int boxes, List<Effect> effects, CancellationToken cancellation)
    {
        ReadCapability read = temporary.ToReadCapability();
        MessageBoxIndex? index = IndexAt(temporary, boxes);
        int contiguous = boxes;
        bool whole = false;
        for (int i = boxes; i < boxes + ReadsAtOnce && !whole && index is not null; i++)
        {
            (byte[]? box, bool lost) = await BoxAsync(job, read, index, i, effects, cancellation);
            if (lost && i == contiguous)
            {
                return false;
            }
            if (box is not null && i == contiguous)
            {
                if (CopyStream.IsLast(box, i == 0) is not { } last || i == CopyStream.MostBoxes)
                {
                    return false;
                }
                contiguous++;
                whole = last;
            }
            index.TryNext(out index);
        }
        if (contiguous > boxes)
        {
            effects.Add(Progress(job, contiguous, whole, passing: false));
        }
        return null;
    }

    async ValueTask<(byte[]? Box, bool Lost)> BoxAsync(
        Job job, ReadCapability read, MessageBoxIndex index, int i, List<Effect> effects, CancellationToken cancellation)
    {
        if (await store.GetAsync(job.Key(Kind.Box, i), cancellation) is { } there)
        {
            return (there.Value.ToArray(), false);
        }
        StoreKey ticket = job.Key(Kind.Ticket, i);
        if (await store.GetAsync(ticket, cancellation) is not { } stored
            || SealedAtRest.TryOpen(key.Span, ticket, stored.Value.Span) is not { } opened || Ticket.TryParse(opened) is not { } asked)
        {
            effects.AddRange(Ask(read.BoxIdAt(index, BacapContext.Pigeonhole), ticket, attempt: 0));
            return (null, false);
        }
        CourierReply? reply = await envelopes.FindAnswerAsync(asked.Opener.Hash, 0, cancellation);
        if (reply is not null && asked.Opener.TryOpen(_geometry, document, reply) is { Box: { } box } && Open(read, index, box) is { } data)
        {
            effects.Add(new Effect.Put(job.Key(Kind.Box, i), data));
            return (data, false);
        }
        // Not there yet, damaged, or silent: again through other replicas, less and less often.
        TimeSpan pause = reply is null ? s_silence : TimeSpan.FromSeconds(Math.Min(10, 0.5 * (1 << Math.Min(asked.Attempt, 8))));
        if (time.GetUtcNow() - asked.At < pause)
        {
            return (null, false);
        }
        if (asked.Attempt + 1 >= MostAttempts)
        {
            return (null, true);
        }
        effects.AddRange(Ask(read.BoxIdAt(index, BacapContext.Pigeonhole), ticket, asked.Attempt + 1));
        return (null, false);
    }

    /// <summary>Passes envelopes on. True when all are taken, false when one is refused or is no envelope; null: not yet.</summary>
    async ValueTask<bool?> WriteAsync(
        Job job, WriteCapability temporary, int boxes, bool passing, List<Effect> effects, CancellationToken cancellation)
    {
        List<ReadOnlyMemory<byte>> pieces = [];
        for (int i = 0; i < boxes; i++)
        {
            pieces.Add((await store.GetAsync(job.Key(Kind.Box, i), cancellation))?.Value ?? default);
        }
        if (CopyStream.Join(_geometry, pieces) is not { } copied)
        {
            return false;
        }
        if (!passing)
        {
            // Nothing is passed on before everything is known to be an envelope that can be.
            if (!copied.All(envelope => envelopes.IsOfTheTime(envelope) && envelopes.ReplicasOf(envelope) is not null))
            {
                return false;
            }
            effects.Add(Progress(job, boxes, whole: true, passing: true));
        }
        int taken = 0, underWay = 0;
        for (int i = 0; i < copied.Count && underWay < WritesAtOnce; i++)
        {
            bool? box = await PassAsync(job, copied[i], i, effects, cancellation);
            if (box == false)
            {
                return false;
            }
            taken += box == true ? 1 : 0;
            underWay += box == true ? 0 : 1;
        }
        if (taken < copied.Count)
        {
            return null;
        }
        MessageBoxIndex? index = temporary.First;
        for (int i = 0; i < boxes; i++)
        {
            effects.AddRange(Send(ReplicaRequest.ToStore(temporary.Tombstone(index!, BacapContext.Pigeonhole)), out _));
            effects.Add(new Effect.Delete(job.Key(Kind.Box, i)));
            effects.Add(new Effect.Delete(job.Key(Kind.Ticket, i)));
            index!.TryNext(out index);
        }
        return true;
    }

    async ValueTask<bool?> PassAsync(Job job, CourierEnvelope envelope, int i, List<Effect> effects, CancellationToken cancellation)
    {
        if (await store.GetAsync(job.Key(Kind.Taken, i), cancellation) is not null)
        {
            return true;
        }
        EnvelopeHash hash = envelope.Hash();
        switch (await envelopes.FindAcceptAsync(hash, cancellation))
        {
            case CopyAccept.Taken:
                // Answers are forgotten after some minutes; this is not.
                effects.Add(new Effect.Put(job.Key(Kind.Taken, i), new byte[1]));
                return true;
            case CopyAccept.Refused:
                return false;
        }
        StoreKey passed = job.Key(Kind.Passed, i);
        (int attempt, DateTimeOffset at) = await store.GetAsync(passed, cancellation) is { Value.Length: 1 + sizeof(long) } stored
            ? (stored.Value.Span[0] + 1, DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(stored.Value.Span[1..])))
            : (0, DateTimeOffset.MinValue);
        if (time.GetUtcNow() - at < s_silence)
        {
            return null;
        }
        if (attempt >= MostAttempts || envelopes.ReplicasOf(envelope) is not (NodeDescriptor first, NodeDescriptor second))
        {
            return false;
        }
        effects.AddRange(envelopes.Dispatch(envelope, hash, first, second));
        effects.Add(new Effect.Overwrite(passed, (byte[])[(byte)attempt, .. Milliseconds(time.GetUtcNow())]));
        return null;
    }

    IReadOnlyList<Effect> Ask(BoxId id, StoreKey ticket, int attempt)
    {
        IReadOnlyList<Effect> sent = Send(ReplicaRequest.Read(id), out EnvelopeOpener opener);
        byte[] value = new Ticket(attempt, time.GetUtcNow(), opener).ToBytes();
        // Before the sends: an answer without its opener is none.
        return [new Effect.Overwrite(ticket, SealedAtRest.Seal(key.Span, ticket, value)), .. sent];
    }

    IReadOnlyList<Effect> Send(ReplicaRequest request, out EnvelopeOpener opener)
    {
        using Envelope envelope = Envelope.Seal(_geometry, _shards, request, document.ReplicaEpochAt(time.GetUtcNow()), random);
        opener = envelope.Opener;
        (NodeDescriptor first, NodeDescriptor second) = envelopes.ReplicasOf(envelope.Contents)!.Value;
        return envelopes.Dispatch(envelope.Contents, envelope.Hash, first, second);
    }

    static byte[]? Open(ReadCapability read, MessageBoxIndex index, Box box)
    {
        byte[] padded = new byte[Math.Max(0, box.Ciphertext.Length - Box.Overhead)];
        return read.Open(index, BacapContext.Pigeonhole, box, padded) == OpenOutcome.Opened ? PigeonholeGeometry.Unpad(padded)?.ToArray() : null;
    }

    static MessageBoxIndex? IndexAt(WriteCapability capability, int boxes)
    {
        MessageBoxIndex? index = capability.First;
        for (int i = 0; i < boxes && index is not null; i++)
        {
            index.TryNext(out index);
        }
        return index;
    }

    async ValueTask<(int Boxes, bool Whole, bool Passing)> ProgressAsync(Job job, CancellationToken cancellation) =>
        await store.GetAsync(job.Key(Kind.Progress), cancellation) is { Value.Length: sizeof(int) + 1 } stored
            ? (BinaryPrimitives.ReadInt32BigEndian(stored.Value.Span), (stored.Value.Span[4] & 1) != 0, (stored.Value.Span[4] & 2) != 0)
            : (0, false, false);

    static Effect Progress(Job job, int boxes, bool whole, bool passing)
    {
        byte[] value = new byte[sizeof(int) + 1];
        BinaryPrimitives.WriteInt32BigEndian(value, boxes);
        value[sizeof(int)] = (byte)((whole ? 1 : 0) | (passing ? 2 : 0));
        return new Effect.Overwrite(job.Key(Kind.Progress), value);
    }

    async ValueTask<DateTimeOffset> LastStepAsync(Job job, CancellationToken cancellation) =>
        await store.GetAsync(job.Key(Kind.Step), cancellation) is { Value.Length: sizeof(long) } stored
            ? DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(stored.Value.Span))
            : DateTimeOffset.MinValue;

    static byte[] Milliseconds(DateTimeOffset at)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.ToUnixTimeMilliseconds());
        return bytes;
    }

    static Effect Step(Job job) => new Effect.Enqueue(QueueNames.Copies, job.ToBytes(), TimeSpan.Zero);

    IReadOnlyList<Effect> Answer(ServiceRequest request, CopyStatus status) =>
        SurbAnswer.TryBuild(_sphinx, request, CopyCommand.ToReply(status, _sphinx.ReplyPayloadSize), document.Inbound) is { } answer ? [answer] : [];

    /// <summary>A copy: the window in which it began and a hash of its capability.</summary>
    readonly record struct Job(long Window, Bytes32 Id)
    {
        const int Size = sizeof(long) + Bytes32.Size;

        /// <summary>Names are hex: what a value is, as two digits, then its number.</summary>
        public StoreKey Key(Kind kind, int i = 0) => new(Shelf, Window, $"{Id}/{(byte)kind:x2}{i:x8}");

        public byte[] ToBytes()
        {
            byte[] bytes = new byte[Size];
            BinaryPrimitives.WriteInt64BigEndian(bytes, Window);
            Id.AsSpan().CopyTo(bytes.AsSpan(sizeof(long)));
            return bytes;
        }

        public static Job? TryParse(ReadOnlySpan<byte> message) => message.Length == Size
            ? new Job(BinaryPrimitives.ReadInt64BigEndian(message), new Bytes32(message[sizeof(long)..]))
            : null;
    }

    /// <summary>What is kept of a copy.</summary>
    enum Kind : byte
    {
        Job,
        Status,
        Step,
        Progress,
        Box,
        Ticket,
        Passed,
        Taken,
    }

    /// <summary>A box that was asked for: how often, when, and what opens the answer.</summary>
    sealed record Ticket(int Attempt, DateTimeOffset At, EnvelopeOpener Opener)
    {
        public byte[] ToBytes() => [(byte)Attempt, .. Milliseconds(At), .. Opener.ToBytes()];

        public static Ticket? TryParse(ReadOnlyMemory<byte> bytes) =>
            bytes.Length == 1 + sizeof(long) + EnvelopeOpener.Size && EnvelopeOpener.TryParse(bytes[(1 + sizeof(long))..]) is { } opener
                ? new Ticket(
                    bytes.Span[0], DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.Span[1..])), opener)
                : null;
    }
}
