using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Inference;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Client;

/// <summary>
/// Everything that a person does with the network: store, fetch, delete, ask. Every query has fresh capabilities for its input and its output, and both
/// are deleted afterwards; nothing links two queries but their content.
/// </summary>
public sealed class FunionClient
{
    /// <summary>Boxes in flight at once.</summary>
    const int Window = 64;

    readonly MixnetClient _mixnet;

    /// <summary>Speaks over a sender.</summary>
    public FunionClient(MixnetClient mixnet)
    {
        ArgumentNullException.ThrowIfNull(mixnet);
        _mixnet = mixnet;
        Boxes = new PigeonholeClient(mixnet);
    }

    /// <summary>Reads and writes of single boxes.</summary>
    public PigeonholeClient Boxes { get; }

    NetworkDocument Document => _mixnet.Document;

    /// <summary>Stores bytes as a stream of boxes and gives what writes and deletes it; the read capability is derived from that.</summary>
    public async Task<WriteCapability> PutAsync(ReadOnlyMemory<byte> content, Action<ClientProgress>? progress, CancellationToken cancellation)
    {
        WriteCapability capability = WriteCapability.Create();
        byte[] framed = FileStreamFormat.Frame(content.Span);
        int size = Boxes.Geometry.MaxPlaintext, count = FileStreamFormat.Boxes(content.Length, size);
        MessageBoxIndex? index = capability.First;
        int done = 0;
        await InWindowAsync(count, async i =>
        {
            byte[] plaintext = Boxes.Geometry.PadPlaintext(framed.AsSpan(i * size, Math.Min(size, framed.Length - (i * size))));
            Box box = capability.Seal(index!, BacapContext.Pigeonhole, plaintext);
            index!.TryNext(out index);
            Expect(await Boxes.WriteAsync(box, cancellation));
            progress?.Invoke(new ClientProgress("upload", Interlocked.Increment(ref done), count));
        });
        return capability;
    }

    /// <summary>Fetches what was stored, at most <paramref name="most"/> bytes.</summary>
    public async Task<byte[]> GetAsync(ReadCapability capability, long most, Action<ClientProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(capability);
        MessageBoxIndex? index = capability.First;
        BoxResult first = Expect(await Boxes.ReadAsync(capability, index, cancellation));
        long length = FileStreamFormat.LengthOf(first.Data.Span, most)
            ?? throw new FunionException(FunionError.Damaged, "This capability does not lead to a stored file.");
        int size = Boxes.Geometry.MaxPlaintext, count = FileStreamFormat.Boxes(length, size), done = 1;
        byte[] framed = new byte[FileStreamFormat.HeaderSize + length];
        first.Data.CopyTo(framed);
        await InWindowAsync(count - 1, async i =>
        {
            index!.TryNext(out index);
            BoxResult box = Expect(await Boxes.ReadAsync(capability, index!, cancellation));
            int at = (i + 1) * size;
            if (box.Data.Length != Math.Min(size, framed.Length - at))
            {
                throw new FunionException(FunionError.Damaged, "A box of the file has a wrong length.");
            }
            box.Data.CopyTo(framed.AsMemory(at));
            progress?.Invoke(new ClientProgress("read", Interlocked.Increment(ref done), count));
        });
        return FileStreamFormat.Unframe(framed, length) ?? throw new FunionException(FunionError.Damaged, "The file's hash does not match.");
    }

    /// <summary>Deletes what was stored: a tombstone over every box. Gives the number of boxes.</summary>
    public async Task<int> DeleteAsync(WriteCapability capability, Action<ClientProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(capability);
        BoxResult first = Expect(await Boxes.ReadAsync(capability.ToReadCapability(), capability.First, cancellation));
        long length = FileStreamFormat.LengthOf(first.Data.Span, long.MaxValue / 2)
            ?? throw new FunionException(FunionError.Damaged, "This capability does not lead to a stored file.");
        int count = FileStreamFormat.Boxes(length, Boxes.Geometry.MaxPlaintext);
        // The first box last: it says how many there are, so a deletion that was cut off can be taken up again.
        Box[] tombstones = [.. FixedStream.Tombstones(capability, count).Reverse()];
        int done = 0;
        await InWindowAsync(count, async i =>
        {
            Expect(await Boxes.WriteAsync(tombstones[i], cancellation));
            progress?.Invoke(new ClientProgress("delete", Interlocked.Increment(ref done), count));
        });
        return count;
    }

    /// <summary>
    /// Asks a model. Uploads the input, dispatches a sealed job, waits for the public boundaries, reads the answer, and deletes both streams behind
    /// itself. <paramref name="dispatching"/> is told the job before it goes out.
    /// </summary>
    public async Task<InferenceAnswer> InferAsync(
        string model, IReadOnlyList<Tensor> inputs, TimeSpan bucket, Action<ClientProgress>? progress, Action<Job>? dispatching,
        CancellationToken cancellation)
    {
        ModelEntry entry = Document.Model(model) is { } found && found.BucketsMilliseconds.Contains((int)bucket.TotalMilliseconds)
            ? found
            : throw new FunionException(FunionError.NoSuchModel, $"The network offers no model '{model}' with this bucket.");
        byte[] input = TensorCodec.Encode(inputs);
        if (input.Length > FixedStream.Capacity(Boxes.Geometry, entry.InputBoxes))
        {
            throw new FunionException(FunionError.BadInput, "The input is larger than this model takes.");
        }
        WriteCapability writeInput = WriteCapability.Create(), writeOutput = WriteCapability.Create();
        await UploadAsync(FixedStream.Seal(writeInput, input, entry.InputBoxes, Boxes.Geometry), "upload", progress, cancellation);
        Job job = new(
            RandomNumberGenerator.GetBytes(Job.NonceSize), model, bucket, entry.InputBoxes, entry.OutputBoxes, writeInput.ToReadCapability(), writeOutput);
        dispatching?.Invoke(job);
        progress?.Invoke(new ClientProgress("dispatch", 0, 1));
        await DispatchAsync(entry, job, cancellation);
        byte[] output = await CollectAsync(entry, job, bucket, progress, cancellation);
        _ = ForgetAsync(writeInput, writeOutput, entry);
        return InferenceAnswer.TryParse(output) ?? throw new FunionException(FunionError.Damaged, "The compute service wrote something that is not an answer.");
    }

    async Task DispatchAsync(ModelEntry entry, Job job, CancellationToken cancellation)
    {
        NodeDescriptor compute = Document.Node(entry.Compute)!;
        byte[] sealedJob = job.SealTo(compute, Document.EpochAt(_mixnet.Time.GetUtcNow()), Document.Geometry.UserPayload);
        await _mixnet.RequestAsync(new ServiceAddress(compute, ServiceNames.Compute), sealedJob, cancellation);
    }

    async Task<byte[]> CollectAsync(
        ModelEntry entry, Job job, TimeSpan bucket, Action<ClientProgress>? progress, CancellationToken cancellation)
    {
        // Complete before one boundary, started at it, released at the next. The first read comes after that and some draining, not before.
        DateTimeOffset release = new BucketGrid(bucket).NextBoundary(_mixnet.Time.GetUtcNow()) + bucket;
        ReadCapability read = job.Output.ToReadCapability();
        while (true)
        {
            DateTimeOffset due = release + _mixnet.Random.Exponential(bucket * 0.25);
            progress?.Invoke(new ClientProgress("wait", 0, entry.OutputBoxes, due));
            await _mixnet.DelayUntilAsync(due, cancellation);
            progress?.Invoke(new ClientProgress("read", 0, entry.OutputBoxes));
            if (await FixedStream.ReadAsync(Boxes, read, entry.OutputBoxes, cancellation) is { } output)
            {
                return output;
            }
            // Not there: a full batch took others, or the boxes still drain. Ask once more a bucket later, or a few seconds.
            DateTimeOffset now = _mixnet.Time.GetUtcNow();
            release = bucket > TimeSpan.FromSeconds(2) ? now + (bucket * 0.5) : now + TimeSpan.FromSeconds(1);
        }
    }

    /// <summary>Tombstones both streams; whatever fails is collected with its epoch.</summary>
    async Task ForgetAsync(WriteCapability input, WriteCapability output, ModelEntry entry)
    {
        try
        {
            Box[] tombstones = [.. FixedStream.Tombstones(input, entry.InputBoxes), .. FixedStream.Tombstones(output, entry.OutputBoxes)];
            await UploadAsync(tombstones, "delete", null, CancellationToken.None);
        }
        catch (FunionException)
        {
            // The replicas drop both streams two epochs later in any case.
        }
    }

    async Task UploadAsync(IReadOnlyList<Box> boxes, string stage, Action<ClientProgress>? progress, CancellationToken cancellation)
    {
        int done = 0;
        await InWindowAsync(boxes.Count, async i =>
        {
            Expect(await Boxes.WriteAsync(boxes[i], cancellation));
            progress?.Invoke(new ClientProgress(stage, Interlocked.Increment(ref done), boxes.Count));
        });
    }

    /// <summary>Does <paramref name="count"/> things, begun in order, so many in flight. Ends with the first failure.</summary>
    static async Task InWindowAsync(int count, Func<int, Task> act)
    {
        List<Task> inFlight = [];
        for (int i = 0; i < count; i++)
        {
            inFlight.Add(act(i));
            if (inFlight.Count >= Window)
            {
                Task done = await Task.WhenAny(inFlight);
                inFlight.Remove(done);
                await done;
            }
        }
        await Task.WhenAll(inFlight);
    }

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
