using System.Net;
using System.Net.Sockets;

namespace Funion.Private.Protocol;

/// <summary>A channel over a stream of bytes: a socket, or whatever secures one.</summary>
/// <param name="stream">Disposed with the channel.</param>
/// <param name="kind">How the parties reach each other.</param>
/// <param name="patience">For how long the other side may take or give nothing: then it is gone. Null: for ever.</param>
/// <param name="time">Of patience; null: the system's.</param>
public sealed class StreamChannel(Stream stream, ChannelKind kind, TimeSpan? patience = null, TimeProvider? time = null) : MessageChannel(kind)
{
    /// <summary>So much in the time of one patience is what a line must carry.</summary>
    const int Piece = 1 << 18;

    /// <summary>Connects to a provider directly.</summary>
    public static async ValueTask<StreamChannel> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return Of(socket);
    }

    /// <summary>A direct channel over a connected socket, which it owns.</summary>
    public static StreamChannel Of(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        // Messages are whole layers; waiting to fill a segment only adds to rounds.
        socket.NoDelay = true;
        return new StreamChannel(new NetworkStream(socket, ownsSocket: true), ChannelKind.Direct);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await BrokenLine.CloseAsync(stream);
    }

    /// <inheritdoc/>
    protected override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> body, CancellationToken cancellation) => TryAsync(
        async waiting =>
        {
            waiting.Restart();
            await stream.WriteAsync(header, waiting.Token);
            for (int at = 0; at < body.Length; at += Piece)
            {
                waiting.Restart();
                await stream.WriteAsync(body.Slice(at, Math.Min(Piece, body.Length - at)), waiting.Token);
            }
            return true;
        },
        cancellation);

    /// <inheritdoc/>
    protected override ValueTask<bool> ReadAsync(Memory<byte> bytes, CancellationToken cancellation) => TryAsync(
        async waiting =>
        {
            // The patience is for a piece, as it is for what is sent: a byte now and then does not hold a session.
            for (int at = 0, piece = 0; at < bytes.Length;)
            {
                if (at >= piece)
                {
                    waiting.Restart();
                    piece = at + Piece;
                }
                int read = await stream.ReadAsync(bytes[at..], waiting.Token);
                if (read == 0)
                {
                    return false;
                }
                if (at == 0)
                {
                    // What came before it was the other side's work.
                    waiting.Restart();
                }
                at += read;
            }
            return true;
        },
        cancellation);

    async ValueTask<bool> TryAsync(Func<Waiting, ValueTask<bool>> act, CancellationToken cancellation)
    {
        using Waiting waiting = new(patience, time, cancellation);
        try
        {
            return await act(waiting);
        }
        catch (Exception gone) when (BrokenLine.Is(gone) || (gone is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>The caller's token, and one that ends a wait.</summary>
    sealed class Waiting : IDisposable
    {
        readonly TimeSpan? _patience;
        readonly CancellationTokenSource? _late, _either;

        public Waiting(TimeSpan? patience, TimeProvider? time, CancellationToken cancellation)
        {
            _patience = patience;
            Token = cancellation;
            if (patience is { } limit)
            {
                _late = new CancellationTokenSource(limit, time ?? TimeProvider.System);
                _either = CancellationTokenSource.CreateLinkedTokenSource(_late.Token, cancellation);
                Token = _either.Token;
            }
        }

        public CancellationToken Token { get; }

        public void Restart() => _late?.CancelAfter(_patience!.Value);

        public void Dispose()
        {
            _either?.Dispose();
            _late?.Dispose();
        }
    }
}
