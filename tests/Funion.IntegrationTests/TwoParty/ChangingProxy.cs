using System.Net;
using System.Net.Sockets;

namespace Funion.IntegrationTests.TwoParty;

/// <summary>Somebody on the line: passes on what both sides send, and flips a bit of what the server sends once so much has passed.</summary>
sealed class ChangingProxy : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly Uri _to;
    readonly long _at;
    readonly Task _accepting;

    /// <param name="to">The server.</param>
    /// <param name="at">Which byte of its is changed; −1: none.</param>
    public ChangingProxy(Uri to, long at)
    {
        (_to, _at) = (to, at);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        List<Task> lines = [];
        try
        {
            while (true)
            {
                lines.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
        {
            await Task.WhenAll(lines);
        }
    }

    async Task PassAsync(TcpClient client)
    {
        using TcpClient owned = client, server = new();
        await server.ConnectAsync(_to.Host, _to.Port);
        Task up = CopyAsync(client, server, -1), down = CopyAsync(server, client, _at);
        await Task.WhenAny(up, down);
        server.Close();
        client.Close();
        await Task.WhenAll(up, down);
    }

    async Task CopyAsync(TcpClient from, TcpClient to, long at)
    {
        byte[] buffer = new byte[1 << 16];
        long passed = 0;
        try
        {
            for (int read; (read = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0; passed += read)
            {
                if (at >= passed && at < passed + read)
                {
                    buffer[at - passed] ^= 1;
                }
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception over) when (over is IOException or InvalidOperationException or OperationCanceledException)
        {
            // Either side is gone.
        }
    }
}
