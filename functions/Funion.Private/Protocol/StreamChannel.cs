using System.Net;
using System.Net.Sockets;

namespace Funion.Private.Protocol;

/// <summary>A channel over a stream of bytes: a socket, or whatever secures one.</summary>
/// <param name="stream">Disposed with the channel.</param>
/// <param name="kind">How the parties reach each other.</param>
public sealed class StreamChannel(Stream stream, ChannelKind kind) : MessageChannel(kind)
{
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
    public override ValueTask DisposeAsync() => stream.DisposeAsync();

    /// <inheritdoc/>
    protected override async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync(header, cancellation);
            await stream.WriteAsync(body, cancellation);
            return true;
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask<bool> ReadAsync(Memory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            return await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation) == bytes.Length;
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            return false;
        }
    }
}
