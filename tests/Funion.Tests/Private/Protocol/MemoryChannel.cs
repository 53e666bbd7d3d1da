using System.Threading.Channels;
using Funion.Private.Protocol;

namespace Funion.Tests.Private.Protocol;

/// <summary>Two ends in one process. What one side sends can be changed on its way: a message becomes none, one or several.</summary>
sealed class MemoryChannel : MessageChannel
{
    readonly ChannelWriter<byte[]> _out;
    readonly ChannelReader<byte[]> _in;
    readonly Func<int, byte[], byte[][]> _change;
    ReadOnlyMemory<byte> _left;

    MemoryChannel(ChannelKind kind, ChannelWriter<byte[]> to, ChannelReader<byte[]> from, Func<int, byte[], byte[][]>? change) : base(kind)
    {
        (_out, _in) = (to, from);
        _change = change ?? ((_, message) => [message]);
    }

    /// <summary>Messages that were sent from here.</summary>
    public int Sent { get; private set; }

    /// <summary>Called before a message is sent or waited for: a test may die here.</summary>
    public Action? Before { get; set; }

    public static (MemoryChannel Client, MemoryChannel Server) Pair(
        ChannelKind kind = ChannelKind.Direct, Func<int, byte[], byte[][]>? client = null, Func<int, byte[], byte[][]>? server = null, ChannelKind? serverKind = null)
    {
        Channel<byte[]> up = Channel.CreateUnbounded<byte[]>(), down = Channel.CreateUnbounded<byte[]>();
        return (new(kind, up.Writer, down.Reader, client), new(serverKind ?? kind, down.Writer, up.Reader, server));
    }

    public override ValueTask DisposeAsync()
    {
        _out.TryComplete();
        return base.DisposeAsync();
    }

    protected override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        Before?.Invoke();
        bool open = true;
        foreach (byte[] message in _change(Sent++, [.. header.Span, .. body.Span]))
        {
            open &= _out.TryWrite(message);
        }
        return ValueTask.FromResult(open);
    }

    protected override async ValueTask<bool> ReadAsync(Memory<byte> bytes, CancellationToken cancellation)
    {
        Before?.Invoke();
        while (bytes.Length > 0)
        {
            if (_left.Length == 0)
            {
                if (!await _in.WaitToReadAsync(cancellation) || !_in.TryRead(out byte[]? next))
                {
                    return false;
                }
                _left = next;
            }
            int count = Math.Min(bytes.Length, _left.Length);
            _left[..count].CopyTo(bytes);
            (bytes, _left) = (bytes[count..], _left[count..]);
        }
        return true;
    }
}
