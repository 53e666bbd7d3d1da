using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Client;

/// <summary>
/// Writes messages to a stream, one box each, across crashes. Where it is and the sealed box that is under way lie in a file before anything is sent, so
/// that no box is ever sealed twice with different contents, and what was under way goes out first, the same bytes, when the process begins again.
/// The file holds the write capability: it is readable by its owner only.
/// <code>
/// file: position 272 ‖ sealed box that is under way, or nothing
/// </code>
/// One writer at a time: it keeps the file's lock, FILE.lock. Messages are written in the order of the calls.
/// </summary>
public sealed class BoxStreamWriter : IDisposable
{
    readonly string _file;
    readonly PigeonholeClient _boxes;
    readonly FileStream _lock;
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly WriteCapability _capability;
    MessageBoxIndex _next;
    Box? _pending;

    BoxStreamWriter(string file, PigeonholeClient boxes, FileStream lockFile, WriteCapability capability, MessageBoxIndex next, Box? pending)
    {
        _file = file;
        _boxes = boxes;
        _lock = lockFile;
        _capability = capability;
        _next = next;
        _pending = pending;
    }

    /// <summary>Reads the whole stream, on any machine.</summary>
    public ReadCapability Reader => _capability.ToReadCapability();

    /// <summary>How many messages are in the stream, the one under way not counted.</summary>
    public ulong Count => _next.Index - _capability.First.Index;

    /// <summary>Whether a message is under way that the replicas have not confirmed.</summary>
    public bool HasPending => _pending is not null;

    /// <summary>Most bytes of a message.</summary>
    public int LargestMessage => _boxes.Geometry.MaxPlaintext;

    /// <summary>Goes on with the stream in a file, or begins one when there is no such file.</summary>
    /// <exception cref="IOException">The file cannot be read or written, is damaged, is readable by others, or another writer has it.</exception>
    public static BoxStreamWriter Open(string file, PigeonholeClient boxes)
    {
        ArgumentNullException.ThrowIfNull(boxes);
        FileStream lockFile = new(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            (WriteCapability Capability, MessageBoxIndex Next, Box? Pending)? state = null;
            KeyFileOutcome outcome = SecretFile.Read(file, body => (state = Parse(body)) is not null);
            if (outcome == KeyFileOutcome.Missing && !File.Exists(file))
            {
                WriteCapability capability = WriteCapability.Create();
                state = (capability, capability.First, null);
                SecretFile.Write(file, StreamPosition.ToBytes(capability, capability.First));
            }
            return state is { } found
                ? new BoxStreamWriter(file, boxes, lockFile, found.Capability, found.Next, found.Pending)
                : throw new IOException(outcome == KeyFileOutcome.TooOpen ? "The stream's file is readable by others." : "The stream's file cannot be read.");
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes a message as the stream's next box, after what was under way before. Ends when the replicas have it. A cancelled or failed call leaves the
    /// message under way: it goes out with the next call. Throws <see cref="FunionException"/>: <see cref="FunionError.Refused"/> when somebody else
    /// with the capability took the box, and the message is not in the stream.
    /// </summary>
    /// <exception cref="ArgumentException">The message is larger than a box.</exception>
    public async Task AppendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, LargestMessage);
        await _turn.WaitAsync(cancellation);
        try
        {
            await FlushOneAsync(cancellation);
            if (Count >= StreamPosition.LongestWalk)
            {
                throw new FunionException(FunionError.Refused, "The stream is full: begin another.");
            }
            byte[] plaintext = _boxes.Geometry.PadPlaintext(message.Span);
            Box box = _capability.Seal(_next, BacapContext.Pigeonhole, plaintext);
            CryptographicOperations.ZeroMemory(plaintext);
            Keep(box);
            await FlushOneAsync(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends what was under way when the process before ended; nothing when nothing was. Throws as <see cref="AppendAsync"/> does.</summary>
    public async Task FlushAsync(CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await FlushOneAsync(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lock.Dispose();
        _turn.Dispose();
    }

    async Task FlushOneAsync(CancellationToken cancellation)
    {
        if (_pending is not { } box)
        {
            return;
        }
        BoxResult result = await _boxes.WriteAsync(box, cancellation);
        if (result.Status is not (BoxStatus.Ok or BoxStatus.AlreadyExists))
        {
            throw new FunionException(
                result.Error == Pigeonhole.ReplicaError.None ? FunionError.TimedOut : FunionError.Refused, "The replicas did not take the box; it is still under way.");
        }
        // The index is spent in either case: whoever took it, another box must not go there.
        if (!_next.TryNext(out MessageBoxIndex? next))
        {
            throw new FunionException(FunionError.Refused, "The stream is full: begin another.");
        }
        (_next, _pending) = (next, null);
        Keep(null);
        if (result.Status == BoxStatus.AlreadyExists)
        {
            throw new FunionException(FunionError.Refused, "Somebody else wrote this box of the stream.");
        }
    }

    void Keep(Box? pending)
    {
        byte[] position = StreamPosition.ToBytes(_capability, _next);
        SecretFile.Write(_file, pending is null ? position : [.. position, .. SealedBoxes.ToBytes([pending])]);
        CryptographicOperations.ZeroMemory(position);
        _pending = pending;
    }

    static (WriteCapability Capability, MessageBoxIndex Next, Box? Pending)? Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Length < StreamPosition.WriteSize || StreamPosition.TryParseWrite(body.Span[..StreamPosition.WriteSize]) is not { } position)
        {
            return null;
        }
        ReadOnlyMemory<byte> rest = body[StreamPosition.WriteSize..];
        if (rest.IsEmpty)
        {
            return (position.Capability, position.Current, null);
        }
        // The file is wiped after this; the box stays.
        return SealedBoxes.TryParse(rest.ToArray()) is [{ } box] ? (position.Capability, position.Current, box) : null;
    }
}
