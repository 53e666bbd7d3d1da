using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Inference;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Tokens;

namespace Funion.Client;

/// <summary>
/// Everything that a person does with the network: store, fetch, delete, ask. Every query has fresh capabilities for its input and its output, and both
/// are deleted afterwards; nothing links two queries but their content.
/// </summary>
public sealed class FunionClient
{
    /// <summary>A capability is somebody else's word: what claims to be larger is not believed.</summary>
    const long LargestFile = 1L << 30;

    /// <summary>Boxes asked for before the first has told how many there are. What turns out not to be there costs slots that decoys had.</summary>
    const int ReadAhead = 3;

    /// <summary>How many buckets after the first that could have brought it an answer is given up: longer than compute lets a job overrun, or wait.</summary>
    const int Patience = 32;

    readonly MixnetClient _mixnet;
    readonly Deletions _deletions;
    readonly TokenSource? _tokens;

    /// <summary>Speaks over a sender.</summary>
    /// <param name="mixnet">The sender.</param>
    /// <param name="leftovers">Where streams under way are noted, so that they are deleted even after a crash; null: nowhere. The caller's to dispose.</param>
    /// <param name="tokens">Pays for questions, in a network that demands it; null: nothing does.</param>
    public FunionClient(MixnetClient mixnet, Leftovers? leftovers = null, TokenSource? tokens = null)
        : this(mixnet, tokens, leftovers is null ? null : new FolderNotes(leftovers))
    {
    }

    internal FunionClient(MixnetClient mixnet, TokenSource? tokens, DeletionNotes? notes)
    {
        ArgumentNullException.ThrowIfNull(mixnet);
        _mixnet = mixnet;
        _tokens = tokens;
        Boxes = new PigeonholeClient(mixnet);
        _deletions = new Deletions(mixnet, Boxes, notes);
    }

    /// <summary>
    /// Over how long tombstones of one moment are spread, the same for everybody in a network: long beside what sets questions of one batch apart, which is the
    /// time until each has read its answer.
    /// </summary>
    public static TimeSpan ForgottenWithin(NetworkDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Deletions.Within(document);
    }

    /// <summary>Reads and writes of single boxes.</summary>
    public PigeonholeClient Boxes { get; }

    /// <summary>
    /// Ends when the streams of all queries so far are deleted, which a replica may hold up, or dropped. A process that keeps no <see cref="Leftovers"/>
    /// waits for it before it exits.
    /// </summary>
    public Task Cleanup => _deletions.UnderWay;

    /// <summary>The network as it is known now.</summary>
    public NetworkDocument Document => _mixnet.Document;

    /// <summary>Whether the last packet or poll reached the gateway.</summary>
    public bool IsReachable => _mixnet.IsReachable;

    /// <summary>Stores bytes as a stream of boxes and gives what writes and deletes it; the read capability is derived from that.</summary>
    public async Task<WriteCapability> PutAsync(ReadOnlyMemory<byte> content, Action<ClientProgress>? progress = null, CancellationToken cancellation = default)
    {
        ExpectInTime();
        WriteCapability capability = WriteCapability.Create();
        int count = FileStreamFormat.Boxes(content.Length, Boxes.Geometry.MaxPlaintext), done = 0;
        // Sealed as their turn comes: the window begins them in order.
        using IEnumerator<Box> boxes = Seal(capability, Pieces(content)).GetEnumerator();
        await UnlessFailedAsync([(capability, count)], () => BoxWindow.RunAsync(count, async (_, token) =>
        {
            boxes.MoveNext();
            Expect(await Boxes.WriteAsync(boxes.Current, token));
            progress?.Invoke(new ClientProgress("upload", Interlocked.Increment(ref done), count));
        }, cancellation));
        return capability;
    }

    /// <summary>
    /// Stores bytes all or nothing: uploads sealed writes to a temporary stream, then has a courier carry them out. Nobody finds a part of them, and what
    /// goes to the replicas goes from the courier, not at the times of this sender's packets.
    /// </summary>
    public async Task<WriteCapability> PutAllAsync(ReadOnlyMemory<byte> content, Action<ClientProgress>? progress = null, CancellationToken cancellation = default)
    {
        ExpectInTime();
        WriteCapability capability = WriteCapability.Create(), temporary = WriteCapability.Create();
        int count = FileStreamFormat.Boxes(content.Length, Boxes.Geometry.MaxPlaintext);
        if (count > CopyStream.MostBoxes / 2)
        {
            throw new FunionException(FunionError.BadInput, "This is too large for all or nothing.");
        }
        ReadOnlyMemory<byte>[] writes = [.. Seal(capability, Pieces(content)).Select(box => (ReadOnlyMemory<byte>)Boxes.SealForCopy(box))];
        Box[] boxes = [.. Seal(temporary, CopyStream.Cut(Boxes.Geometry, writes).Select(piece => (ReadOnlyMemory<byte>)piece))];
        await UnlessFailedAsync([(temporary, boxes.Length), (capability, count)], async () =>
        {
            await UploadAsync(boxes, "upload", progress, cancellation);
            progress?.Invoke(new ClientProgress("copy", 0, 1));
            NodeDescriptor courier = Document.Couriers[_mixnet.Random.Below(Document.Couriers.Count)];
            if (!await Boxes.CopyAsync(temporary, courier, cancellation))
            {
                throw new FunionException(FunionError.Refused, "The courier could not store it; nothing or not all of it is there.");
            }
        });
        return capability;
    }

    /// <summary>Fetches what was stored, at most <paramref name="most"/> bytes.</summary>
    public async Task<byte[]> GetAsync(ReadCapability capability, long most, Action<ClientProgress>? progress = null, CancellationToken cancellation = default)
    {
        ExpectInTime();
        ArgumentNullException.ThrowIfNull(capability);
        MessageBoxIndex? index = capability.First;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Queue<Task<BoxResult>> ahead = new();
        Task<BoxResult> Next()
        {
            Task<BoxResult> read = Boxes.ReadAsync(capability, index ?? throw EndOfStream(), stop.Token);
            index.TryNext(out index);
            return read;
        }
        try
        {
            for (int i = 0; i < ReadAhead; i++)
            {
                ahead.Enqueue(Next());
            }
            BoxResult first = Expect(await ahead.Dequeue());
            long length = FileStreamFormat.LengthOf(first.Data.Span, most)
                ?? throw new FunionException(FunionError.Damaged, "This capability does not lead to a stored file of the size that is allowed.");
            int size = Boxes.Geometry.MaxPlaintext, count = FileStreamFormat.Boxes(length, size), done = 0;
            // A capability is somebody else's word, and so is what its first box claims: memory grows with what has really come.
            List<ReadOnlyMemory<byte>> boxes = [];
            await BoxWindow.RunAsync(count, async (i, _) =>
            {
                BoxResult box = i == 0 ? first : Expect(await (ahead.TryDequeue(out Task<BoxResult>? begun) ? begun : Next()));
                if (box.Data.Length != Math.Min(size, FileStreamFormat.HeaderSize + length - ((long)i * size)))
                {
                    throw new FunionException(FunionError.Damaged, "A box of the file has a wrong length.");
                }
                lock (boxes)
                {
                    boxes.AddRange(Enumerable.Repeat<ReadOnlyMemory<byte>>(default, Math.Max(0, i + 1 - boxes.Count)));
                    boxes[i] = box.Data;
                }
                progress?.Invoke(new ClientProgress("read", Interlocked.Increment(ref done), count));
            }, cancellation);
            return FileStreamFormat.Unframe(boxes, length) ?? throw new FunionException(FunionError.Damaged, "The file's hash does not match.");
        }
        finally
        {
            // Whatever is still asked for is not there, or not wanted any more.
            stop.Cancel();
        }
    }

    /// <summary>Deletes what was stored: a tombstone over every box. Gives the number of boxes.</summary>
    public async Task<int> DeleteAsync(WriteCapability capability, Action<ClientProgress>? progress = null, CancellationToken cancellation = default)
    {
        ExpectInTime();
        ArgumentNullException.ThrowIfNull(capability);
        BoxResult first = Expect(await Boxes.ReadAsync(capability.ToReadCapability(), capability.First, cancellation));
        long length = FileStreamFormat.LengthOf(first.Data.Span, LargestFile)
            ?? throw new FunionException(FunionError.Damaged, "This capability does not lead to a stored file.");
        int count = FileStreamFormat.Boxes(length, Boxes.Geometry.MaxPlaintext);
        // The first box last: it says how many there are, so a deletion that was cut off can be taken up again.
        Box[] tombstones = [.. FixedStream.Tombstones(capability, count).Reverse()];
        int done = 0;
        Func<int, CancellationToken, Task> delete = async (i, token) =>
        {
            Expect(await Boxes.WriteAsync(tombstones[i], token));
            progress?.Invoke(new ClientProgress("delete", Interlocked.Increment(ref done), count));
        };
        await BoxWindow.RunAsync(count - 1, delete, cancellation);
        await delete(count - 1, cancellation);
        return count;
    }

    /// <summary>
    /// Asks a model. Uploads the input, dispatches a sealed job, waits for the public boundaries, reads the answer, and deletes both streams behind
    /// itself. <paramref name="dispatching"/> is told the job before it goes out.
    /// </summary>
    public async Task<InferenceAnswer> InferAsync(
        string model, IReadOnlyList<Tensor> inputs, TimeSpan bucket, Action<ClientProgress>? progress = null, Action<Job>? dispatching = null,
        CancellationToken cancellation = default)
    {
        ExpectInTime();
        ModelEntry entry = Document.Model(model) is { } found && found.BucketsMilliseconds.Contains((int)bucket.TotalMilliseconds)
            ? found
            : throw new FunionException(FunionError.NoSuchModel, $"The network offers no model '{model}' with this bucket.");
        if (Document.IsHidden(entry))
        {
            // There is no model but in ciphertexts: whoever took the question would read it, and could not answer.
            throw new FunionException(FunionError.BadInput, EnclaveEntry.OnlyAsked(model));
        }
        byte[] input = TensorCodec.Encode(inputs);
        if (input.Length > FixedStream.Capacity(Boxes.Geometry, entry.InputBoxes))
        {
            throw new FunionException(FunionError.BadInput, "The input is larger than this model takes.");
        }
        (long Epoch, byte[] Token) paid = Pay(entry.Compute, null);
        WriteCapability writeInput = WriteCapability.Create(), writeOutput = WriteCapability.Create();
        Job job = new(
            RandomNumberGenerator.GetBytes(Job.NonceSize), model, bucket, entry.InputBoxes, entry.OutputBoxes, writeInput.ToReadCapability(), writeOutput);
        IReadOnlyList<Leftover> kept = await _deletions.KeepAsync((writeInput, entry.InputBoxes), (writeOutput, entry.OutputBoxes));
        try
        {
            progress?.Invoke(new ClientProgress("upload", 0, entry.InputBoxes));
            await UploadAsync(FixedStream.Seal(writeInput, input, entry.InputBoxes, Boxes.Geometry), "upload", progress, cancellation);
            dispatching?.Invoke(job);
            progress?.Invoke(new ClientProgress("dispatch", 0, 1));
            await DispatchAsync(entry, job, paid, cancellation);
            byte[] output = await CollectAsync(entry, job, bucket, progress, cancellation);
            return InferenceAnswer.TryParse(output)
                ?? throw new FunionException(FunionError.Damaged, "The compute service wrote something that is not an answer.");
        }
        finally
        {
            // Also when it failed or was given up: what was asked must not lie about.
            writeInput.Wipe();
            writeOutput.Wipe();
            _deletions.Begin(kept);
        }
    }

    /// <summary>
    /// Deletes what earlier processes left when they ended, each box at a time of its own within hours, and ends when that is done; a process that ends before
    /// leaves the rest to the next one. Gives how many questions or parts of files it was.
    /// </summary>
    public Task<int> ClearLeftoversAsync() => _deletions.ClearAsync();

    /// <summary>A file as the plaintexts of its boxes.</summary>
    IEnumerable<ReadOnlyMemory<byte>> Pieces(ReadOnlyMemory<byte> content)
    {
        byte[] framed = FileStreamFormat.Frame(content.Span);
        int size = Boxes.Geometry.MaxPlaintext;
        for (int at = 0; at < framed.Length; at += size)
        {
            yield return framed.AsMemory(at, Math.Min(size, framed.Length - at));
        }
    }

    /// <summary>Boxes of a stream from its first on, each sealed when it is asked for.</summary>
    IEnumerable<Box> Seal(WriteCapability stream, IEnumerable<ReadOnlyMemory<byte>> plaintexts)
    {
        MessageBoxIndex? index = stream.First;
        foreach (ReadOnlyMemory<byte> plaintext in plaintexts)
        {
            yield return stream.Seal(index!, BacapContext.Pigeonhole, Boxes.Geometry.PadPlaintext(plaintext.Span));
            index!.TryNext(out index);
        }
    }

    /// <summary>Does what writes to streams; when it fails, is given up or the process dies, they are deleted.</summary>
    async Task UnlessFailedAsync((WriteCapability Stream, int Boxes)[] streams, Func<Task> write)
    {
        IReadOnlyList<Leftover> kept = await _deletions.KeepAsync(streams);
        try
        {
            await write();
        }
        catch
        {
            foreach ((WriteCapability stream, _) in streams)
            {
                stream.Wipe();
            }
            _deletions.Begin(kept);
            throw;
        }
        await _deletions.ForgetAsync(kept);
    }

    /// <summary>A token for a job of this epoch, unless the one that was taken before the upload still is one; empty where none is demanded.</summary>
    (long Epoch, byte[] Token) Pay(NodeId compute, (long Epoch, byte[] Token)? before)
    {
        long epoch = Document.EpochAt(_mixnet.Time.GetUtcNow());
        if (Document.Issuer is null)
        {
            return (epoch, []);
        }
        return before is { } paid && paid.Epoch == epoch && paid.Token.Length > 0
            ? paid
            : (epoch, _tokens?.TryTake(compute, epoch)
                ?? throw new FunionException(FunionError.NoToken, "The network demands a token for every question, and none is left for this epoch."));
    }

    async Task DispatchAsync(ModelEntry entry, Job job, (long Epoch, byte[] Token) paid, CancellationToken cancellation)
    {
        NodeDescriptor compute = Document.Node(entry.Compute)!;
        (long epoch, byte[] token) = Pay(compute.Id, paid);
        byte[] sealedJob = (job with { Token = token }).SealTo(compute, epoch, Document.Geometry.UserPayload);
        await _mixnet.RequestAsync(new ServiceAddress(compute, ServiceNames.Compute), sealedJob, cancellation);
    }

    async Task<byte[]> CollectAsync(
        ModelEntry entry, Job job, TimeSpan bucket, Action<ClientProgress>? progress, CancellationToken cancellation)
    {
        // Complete before one boundary, started at it, released at the next. The first read comes after that and some draining, not before.
        DateTimeOffset release = new BucketGrid(bucket).NextBoundary(_mixnet.Time.GetUtcNow()) + bucket;
        ReadCapability read = job.Output.ToReadCapability();
        DateTimeOffset due = release + _mixnet.Random.Exponential(bucket * 0.25);
        progress?.Invoke(new ClientProgress("wait", 0, entry.OutputBoxes, due));
        await _mixnet.DelayUntilAsync(due, cancellation);
        progress?.Invoke(new ClientProgress("read", 0, entry.OutputBoxes));
        MessageBoxIndex? index = read.First;
        ReadOnlyMemory<byte>[] boxes = new ReadOnlyMemory<byte>[entry.OutputBoxes];
        int done = 0;
        // A full batch may have taken others first, or the boxes still drain.
        TimeSpan pause = TimeSpan.FromSeconds(Math.Clamp(bucket.TotalSeconds / 4, 1, 15));
        DateTimeOffset giveUp = release + (bucket * (entry.MaxOverruns + Patience)) + TimeSpan.FromMinutes(2);
        await BoxWindow.RunAsync(boxes.Length, async (i, token) =>
        {
            MessageBoxIndex at = index!;
            index!.TryNext(out index);
            BoxResult box = await Boxes.AwaitAsync(read, at, pause, giveUp, token);
            boxes[i] = box.Status is BoxStatus.NotFound or BoxStatus.Failed
                ? throw new FunionException(FunionError.TimedOut, "The compute service did not answer in time.")
                : Expect(box).Data;
            progress?.Invoke(new ClientProgress("read", Interlocked.Increment(ref done), boxes.Length));
        }, cancellation);
        return FixedStream.Join(boxes, Boxes.Geometry)
            ?? throw new FunionException(FunionError.Damaged, "The compute service wrote something that is not an answer.");
    }

    async Task UploadAsync(IReadOnlyList<Box> boxes, string stage, Action<ClientProgress>? progress, CancellationToken cancellation)
    {
        int done = 0;
        await BoxWindow.RunAsync(boxes.Count, async (i, token) =>
        {
            Expect(await Boxes.WriteAsync(boxes[i], token));
            progress?.Invoke(new ClientProgress(stage, Interlocked.Increment(ref done), boxes.Count));
        }, cancellation);
    }

    /// <summary>Said at once: nothing would be sent, and so nothing answered.</summary>
    void ExpectInTime()
    {
        if (!_mixnet.IsInTime)
        {
            throw new FunionException(FunionError.Unreachable, "The network document has no keys for this time: it has ended, or this machine's clock is wrong.");
        }
    }

    static FunionException EndOfStream() => new(FunionError.BadInput, "The capability's stream ends there.");

    static BoxResult Expect(BoxResult result) => result.Status switch
    {
        BoxStatus.Ok => result,
        BoxStatus.NotFound => throw new FunionException(FunionError.NotFound, "Nothing is stored there."),
        BoxStatus.Tombstone => throw new FunionException(FunionError.NotFound, "What was stored there was deleted."),
        BoxStatus.Damaged => throw new FunionException(FunionError.Damaged, "What is stored there is not what was written."),
        BoxStatus.AlreadyExists => throw new FunionException(FunionError.Refused, "The box is taken."),
        _ => throw new FunionException(FunionError.Refused, $"The replicas refused ({result.Error})."),
    };
}
