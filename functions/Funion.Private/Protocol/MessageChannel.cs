using System.Buffers.Binary;
using Funion.Private.Transfer;

namespace Funion.Private.Protocol;

/// <summary>
/// Messages both ways, in order, and a count of them. Who receives knows kind and size of what is due; anything else is refused before memory is taken for it.
/// <code>
/// message = length 4 ‖ kind 1 ‖ number 4 ‖ body           little-endian; numbers count the messages of one direction
/// </code>
/// It hides and proves nothing: secrecy of a session rests on the protocol, who the other side is on the line below (TLS, or the mixnet). One call at a time in
/// each direction. Any failure ends the channel.
/// </summary>
/// <param name="kind">How the parties reach each other.</param>
public abstract class MessageChannel(ChannelKind kind) : IAsyncDisposable
{
    /// <summary>Bytes before each body.</summary>
    public const int HeaderSize = 9;

    /// <summary>Largest body.</summary>
    public const int MaxBody = 1 << 28;

    readonly Memory<byte> _outHeader = new byte[HeaderSize], _inHeader = new byte[HeaderSize];

    readonly Traffic[] _traffic = new Traffic[2];

    uint _sent, _received;

    bool _waits;

    ProtocolOutcome _failure;

    LineBase? _base;

    volatile bool _closed;

    /// <summary>How the parties reach each other.</summary>
    public ChannelKind Kind { get; } = kind;

    internal ProtocolPhase Phase { get; set; }

    /// <summary>The number that the next session on the line's base transfers has: 1 where there are none yet.</summary>
    internal uint NextOnBase => _base?.Next ?? 1;

    /// <summary>Whether material was prepared on this channel before.</summary>
    internal bool HasPrepared { get; private set; }

    /// <summary>Told the phase after each message either way.</summary>
    public Action<ProtocolPhase>? Moved { get; set; }

    /// <summary>What this side sent and received so far.</summary>
    public Traffic Traffic(ProtocolPhase phase) => _traffic[(int)phase];

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        _closed = true;
        TakeBase()?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>The line's base transfers, if there are any, for one session, which alone has them then.</summary>
    internal LineBase? TakeBase() => Interlocked.Exchange(ref _base, null);

    /// <summary>
    /// A session came to its end, and here is its base; null: it had one of its own. One that did not has taken its base with it: nobody knows how far the other side went.
    /// </summary>
    internal void Prepared(LineBase? line)
    {
        // On the anonymous channel a base would say that two sessions are one person's.
        if (line is not null && Kind != ChannelKind.Direct)
        {
            line.Dispose();
            throw new InvalidOperationException("Sessions of this channel share nothing.");
        }
        HasPrepared = true;
        Interlocked.Exchange(ref _base, line)?.Dispose();
        if (_closed || _failure != ProtocolOutcome.Done)
        {
            TakeBase()?.Dispose();
        }
    }

    internal async ValueTask<ProtocolOutcome> SendAsync(MessageKind message, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, MaxBody);
        if (_failure != ProtocolOutcome.Done)
        {
            return _failure;
        }
        BinaryPrimitives.WriteInt32LittleEndian(_outHeader.Span, body.Length);
        _outHeader.Span[4] = (byte)message;
        BinaryPrimitives.WriteUInt32LittleEndian(_outHeader.Span[5..], _sent);
        if (!await WriteAsync(_outHeader, body, cancellation))
        {
            return Fail(ProtocolOutcome.Closed);
        }
        _sent++;
        Count(new Traffic(HeaderSize + body.Length, 0, 0));
        _waits = true;
        return ProtocolOutcome.Done;
    }

    internal async ValueTask<ProtocolOutcome> ReceiveAsync(MessageKind message, Memory<byte> body, CancellationToken cancellation)
    {
        if (_failure != ProtocolOutcome.Done)
        {
            return _failure;
        }
        if (!await ReadAsync(_inHeader, cancellation))
        {
            return Fail(ProtocolOutcome.Closed);
        }
        if (_inHeader.Span[4] != (byte)message || BinaryPrimitives.ReadUInt32LittleEndian(_inHeader.Span[5..]) != _received)
        {
            return Fail(ProtocolOutcome.WrongOrder);
        }
        if (BinaryPrimitives.ReadUInt32LittleEndian(_inHeader.Span) != (uint)body.Length)
        {
            return Fail(ProtocolOutcome.WrongSize);
        }
        if (!await ReadAsync(body, cancellation))
        {
            return Fail(ProtocolOutcome.Closed);
        }
        _received++;
        Count(new Traffic(0, HeaderSize + body.Length, _waits ? 1 : 0));
        _waits = false;
        return ProtocolOutcome.Done;
    }

    /// <summary>Ends the channel, and says why.</summary>
    internal ProtocolOutcome Fail(ProtocolOutcome failure)
    {
        _failure = failure;
        TakeBase()?.Dispose();
        return failure;
    }

    /// <summary>Sends a header and a body; false when the other side is gone.</summary>
    protected abstract ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> body, CancellationToken cancellation);

    /// <summary>Fills <paramref name="bytes"/>; false when the other side is gone before that.</summary>
    protected abstract ValueTask<bool> ReadAsync(Memory<byte> bytes, CancellationToken cancellation);

    void Count(Traffic more)
    {
        ref Traffic traffic = ref _traffic[(int)Phase];
        traffic = new Traffic(traffic.Sent + more.Sent, traffic.Received + more.Received, traffic.Rounds + more.Rounds);
        Moved?.Invoke(Phase);
    }
}
