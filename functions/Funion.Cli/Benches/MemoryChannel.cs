using System.Threading.Channels;
using Funion.Private.Protocol;

namespace Funion.Cli.Benches;

/// <summary>
/// One end of a line within this process: what is sent is copied once, by whoever receives it, and a sender of much waits for that. For questions whose
/// answers matter and whose times do not.
/// </summary>
sealed class MemoryChannel : MessageChannel
{
    /// <summary>Bodies up to here are copied and nobody waits.</summary>
    const int Small = 1 << 14;

    readonly Direction _out, _in;

    ReadOnlyMemory<byte> _left;

    bool _lent;

    MemoryChannel(Direction to, Direction from) : base(ChannelKind.Direct) => (_out, _in) = (to, from);

    /// <summary>Both ends.</summary>
    public static (MemoryChannel Client, MemoryChannel Server) Pair()
    {
        Direction up = new(), down = new();
        return (new MemoryChannel(up, down), new MemoryChannel(down, up));
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _out.Pieces.Writer.TryComplete();
        // Who waits for this end to take something waits no longer.
        _in.Pieces.Writer.TryComplete();
        _in.Taken.Writer.TryComplete();
        return base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (body.Length <= Small)
        {
            return _out.Pieces.Writer.TryWrite((new ReadOnlyMemory<byte>([.. header.Span, .. body.Span]), false));
        }
        if (!_out.Pieces.Writer.TryWrite((header.ToArray(), false)) || !_out.Pieces.Writer.TryWrite((body, true)))
        {
            return false;
        }
        return await _out.Taken.Reader.WaitToReadAsync(cancellation) && _out.Taken.Reader.TryRead(out _);
    }

    /// <inheritdoc/>
    protected override async ValueTask<bool> ReadAsync(Memory<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0)
        {
            if (_left.IsEmpty)
            {
                if (!await _in.Pieces.Reader.WaitToReadAsync(cancellation) || !_in.Pieces.Reader.TryRead(out (ReadOnlyMemory<byte> Bytes, bool Lent) next))
                {
                    return false;
                }
                (_left, _lent) = next;
            }
            int count = Math.Min(bytes.Length, _left.Length);
            _left[..count].CopyTo(bytes);
            (bytes, _left) = (bytes[count..], _left[count..]);
            if (_left.IsEmpty && _lent)
            {
                _lent = false;
                _in.Taken.Writer.TryWrite(true);
            }
        }
        return true;
    }

    /// <summary>One way: pieces, and a word for each that was lent.</summary>
    sealed class Direction
    {
        public Channel<(ReadOnlyMemory<byte> Bytes, bool Lent)> Pieces { get; } = Channel.CreateUnbounded<(ReadOnlyMemory<byte>, bool)>();

        public Channel<bool> Taken { get; } = Channel.CreateUnbounded<bool>();
    }
}
