using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
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
public sealed partial class CopyRole(
    NetworkDocument document, CourierEnvelopes envelopes, BoxStore store, SecretBytes key, RandomSource random, TimeProvider time) : IDisposable
{
    /// <summary>Shelf of copies, by window of half an hour: dropped as a whole.</summary>
    public const string Shelf = "copies";

    /// <summary>How often a box is asked for, or an envelope passed on, before the copy is given up.</summary>
    public const int MostAttempts = 10;

    /// <summary>Copies under way at once; more wait outside.</summary>
    public const int MostCopies = 32;

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
        temporary.Wipe();
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
            Mark last = await LastStepAsync(known, cancellation);
            return Work.Of([.. now - last.At > s_lost ? [Step(known, last.Number + 1, TimeSpan.Zero)] : (Effect[])[], .. Answer(request, CopyStatus.InProgress)]);
        }
        if (await envelopes.WaitingAsync(QueueNames.Copies, cancellation) >= MostCopies)
        {
            // It is asked for again.
            return Work.Of(Answer(request, CopyStatus.InProgress));
        }
        Job job = new(WindowAt(now), id);
        byte[] sealedCapability = SealedAtRest.Seal(key.Span, job.Key(Kind.Job), capability);
        CryptographicOperations.ZeroMemory(capability);
        return Work.Of(
        [
            new Effect.Put(job.Key(Kind.Step), new Mark(now, 0, default).ToBytes()),
            new Effect.Put(job.Key(Kind.Job), sealedCapability), Step(job, 1, TimeSpan.Zero),
            .. Answer(request, CopyStatus.InProgress),
        ]);
    }

    /// <summary>Takes a step from the courier's own queue.</summary>
    public async ValueTask<Work> StepAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        if (Job.TryParse(delivery.Message.Span, out int number) is not { } job || await store.GetAsync(job.Key(Kind.Job), cancellation) is not { } stored
            || SealedAtRest.TryOpen(key.Span, job.Key(Kind.Job), stored.Value.Span) is not { } capability
            || !WriteCapability.TryParse(capability, out WriteCapability? temporary))
        {
            return Work.None;
        }
        CryptographicOperations.ZeroMemory(capability);
        try
        {
            return await StepAsync(job, number, DeliveryMac(delivery.Id), temporary, cancellation);
        }
        finally
        {
            temporary.Wipe();
        }
    }

    async ValueTask<Work> StepAsync(Job job, int number, Bytes32 by, WriteCapability temporary, CancellationToken cancellation)
    {
        // One chain of steps: a step that was overtaken, or a second one of the same number, ends; the same delivery again is finished.
        Mark last = await LastStepAsync(job, cancellation);
        if (number < last.Number || (number == last.Number && last.By != by))
        {
            return Work.None;
        }
        Progress progress = await ProgressAsync(job, cancellation);
        List<Effect> effects = [new Effect.Overwrite(job.Key(Kind.Step), new Mark(time.GetUtcNow(), number, by).ToBytes())];
        bool? done = progress.Whole
            ? await WriteAsync(job, temporary, progress, effects, cancellation)
            : await ReadAsync(job, temporary, progress.Boxes, effects, cancellation);
        if (done is null)
        {
            return Work.Of([.. effects, Step(job, number + 1, _pause)]);
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
        // One until the first has come: whoever names a stream that is not there costs little.
        for (int i = boxes; i < boxes + (boxes == 0 ? 1 : ReadsAtOnce) && !whole; i++)
        {
            if (index is null)
            {
                return i == contiguous ? false : null;
            }
            (byte[]? box, bool lost) = await BoxAsync(job, read, index, i, effects, cancellation);
            if (lost && i == contiguous)
            {
                return false;
            }
            if (box is not null && i == contiguous)
            {
                if (CopyStream.IsLast(_geometry, box, i == 0) is not { } last || i == CopyStream.MostBoxes)
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
            effects.Add(Keep(job, new Progress(contiguous, whole, Passing: false, Envelopes: 0, Taken: 0)));
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
            effects.AddRange(await AskAsync(read.BoxIdAt(index, BacapContext.Pigeonhole), ticket, attempt: 0, cancellation));
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
        effects.AddRange(await AskAsync(read.BoxIdAt(index, BacapContext.Pigeonhole), ticket, asked.Attempt + 1, cancellation));
        return (null, false);
    }

    /// <summary>Passes envelopes on. True when all are taken, false when one is refused or is no envelope; null: not yet.</summary>
    async ValueTask<bool?> WriteAsync(Job job, WriteCapability temporary, Progress progress, List<Effect> effects, CancellationToken cancellation)
    {
        if (!progress.Passing)
        {
            // Nothing is passed on before everything is known to be an envelope that can be.
            if (CopyStream.Join(_geometry, await BoxesAsync(job, 0, progress.Boxes - 1, cancellation)) is not { } copied
                || !copied.All(envelope => envelopes.IsOfTheTime(envelope) && envelopes.ReplicasOf(envelope) is not null))
            {
                return false;
            }
            effects.Add(Keep(job, progress with { Passing = true, Envelopes = copied.Count }));
            return null;
        }
        int taken = progress.Taken, underWay = 0;
        for (int i = taken; i < progress.Envelopes && underWay < WritesAtOnce; i++)
        {
            (int first, int last) = CopyStream.BoxesOf(_geometry, i);
            if (CopyStream.TryRead(_geometry, i, await BoxesAsync(job, first, last, cancellation)) is not { } envelope)
            {
                return false;
            }
            bool? box = await PassAsync(job, envelope, i, effects, cancellation);
            if (box == false)
            {
                return false;
            }
            taken += box == true && taken == i ? 1 : 0;
            underWay += box == true ? 0 : 1;
        }
        if (taken < progress.Envelopes)
        {
            if (taken > progress.Taken)
            {
                effects.Add(Keep(job, progress with { Taken = taken }));
            }
            return null;
        }
        MessageBoxIndex? index = temporary.First;
        for (int i = 0; i < progress.Boxes; i++)
        {
            effects.AddRange(Delete(temporary.Tombstone(index!, BacapContext.Pigeonhole)));
            effects.Add(new Effect.Delete(job.Key(Kind.Box, i)));
            effects.Add(new Effect.Delete(job.Key(Kind.Ticket, i)));
            index!.TryNext(out index);
        }
        return true;
    }

    async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> BoxesAsync(Job job, int first, int last, CancellationToken cancellation)
    {
        List<ReadOnlyMemory<byte>> boxes = [];
        for (int i = first; i <= last; i++)
        {
            boxes.Add((await store.GetAsync(job.Key(Kind.Box, i), cancellation))?.Value ?? default);
        }
        return boxes;
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
        if (await envelopes.AreFullAsync(first, second, cancellation))
        {
            // Not an attempt: its turn comes.
            return null;
        }
        effects.AddRange(envelopes.Dispatch(envelope, hash, first, second));
        effects.Add(new Effect.Overwrite(passed, (byte[])[(byte)attempt, .. Milliseconds(time.GetUtcNow())]));
        return null;
    }

    /// <summary>Asks for a box; nothing while one of the two links has enough to carry, which is no attempt.</summary>
    async ValueTask<IReadOnlyList<Effect>> AskAsync(BoxId id, StoreKey ticket, int attempt, CancellationToken cancellation)
    {
        using Envelope envelope = Seal(ReplicaRequest.Read(id));
        (NodeDescriptor first, NodeDescriptor second) = envelopes.ReplicasOf(envelope.Contents)!.Value;
        if (await envelopes.AreFullAsync(first, second, cancellation))
        {
            return [];
        }
        byte[] value = new Ticket(attempt, time.GetUtcNow(), envelope.Opener).ToBytes();
        // Before the sends: an answer without its opener is none.
        return
        [
            new Effect.Overwrite(ticket, SealedAtRest.Seal(key.Span, ticket, value)), .. envelopes.Dispatch(envelope.Contents, envelope.Hash, first, second),
        ];
    }

    IReadOnlyList<Effect> Delete(Box tombstone)
    {
        using Envelope envelope = Seal(ReplicaRequest.ToStore(tombstone));
        (NodeDescriptor first, NodeDescriptor second) = envelopes.ReplicasOf(envelope.Contents)!.Value;
        return envelopes.Dispatch(envelope.Contents, envelope.Hash, first, second);
    }

    Envelope Seal(ReplicaRequest request) => Envelope.Seal(_geometry, _shards, request, document.ReplicaEpochAt(time.GetUtcNow()), random);

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

    async ValueTask<Progress> ProgressAsync(Job job, CancellationToken cancellation) =>
        await store.GetAsync(job.Key(Kind.Progress), cancellation) is { } stored ? Progress.Parse(stored.Value.Span) : default;

    static Effect Keep(Job job, Progress progress) => new Effect.Overwrite(job.Key(Kind.Progress), progress.ToBytes());

    async ValueTask<Mark> LastStepAsync(Job job, CancellationToken cancellation) =>
        await store.GetAsync(job.Key(Kind.Step), cancellation) is { } stored ? Mark.Parse(stored.Value.Span) : default;

    /// <summary>Tells one delivery from another; the id itself would link this store to the broker's log.</summary>
    Bytes32 DeliveryMac(string delivery)
    {
        Span<byte> mac = stackalloc byte[Bytes32.Size];
        Blake2b.Mac256(key.Span, Encoding.UTF8.GetBytes(delivery), mac);
        return new Bytes32(mac);
    }

    static Effect Step(Job job, int number, TimeSpan delay) => new Effect.Enqueue(QueueNames.Copies, job.ToBytes(number), delay);

    IReadOnlyList<Effect> Answer(ServiceRequest request, CopyStatus status) =>
        SurbAnswer.TryBuild(_sphinx, request, CopyCommand.ToReply(status, _sphinx.ReplyPayloadSize), document.Inbound) is { } answer ? [answer] : [];
}
