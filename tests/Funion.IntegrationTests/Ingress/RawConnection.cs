using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Funion.IntegrationTests.Ingress;

/// <summary>An answer as it came, with the header lines that a client's library would hide.</summary>
sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A connection on which a test may say anything, also what is no HTTP. Nothing on it waits for longer than half a minute.</summary>
sealed class RawConnection : IAsyncDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    readonly byte[] _buffer = new byte[1 << 16];
    int _start, _end;

    RawConnection()
    {
    }

    public static async Task<RawConnection> OpenAsync(Uri address)
    {
        RawConnection connection = new();
        await connection._socket.ConnectAsync(address.Host, address.Port).WaitAsync(s_patience);
        return connection;
    }

    /// <summary>Sends a request; <paramref name="length"/> is what it declares where that is not the truth.</summary>
    public Task SendAsync(string method, string path, string headers = "", byte[]? body = null, long? length = null)
    {
        string declared = body is null && length is null ? "" : $"Content-Length: {length ?? body!.Length}\r\n";
        return SendAsync([.. Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: node\r\n{headers}{declared}\r\n"), .. body ?? []]);
    }

    /// <summary>Sends bytes. A server that has heard enough may have closed: its answer is there all the same.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            for (int sent = 0; sent < bytes.Length;)
            {
                sent += await _socket.SendAsync(bytes.AsMemory(sent)).AsTask().WaitAsync(s_patience);
            }
        }
        catch (SocketException)
        {
        }
    }

    /// <summary>Nothing more will be sent.</summary>
    public void Finish() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next answer; null when the server closed instead.</summary>
    public async Task<RawAnswer?> ReadAsync()
    {
        if (await LineAsync() is not { } status)
        {
            return null;
        }
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        while (await LineAsync() is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(line[..colon], line[(colon + 1)..].Trim());
        }
        byte[] body = new byte[headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        for (int read = 0; read < body.Length && await FillAsync();)
        {
            int take = Math.Min(body.Length - read, _end - _start);
            _buffer.AsSpan(_start, take).CopyTo(body.AsSpan(read));
            read += take;
            _start += take;
        }
        return new RawAnswer(int.Parse(status.Split(' ')[1], CultureInfo.InvariantCulture), headers, body);
    }

    /// <summary>Waits until the server closes; what it still says does not count.</summary>
    public async Task ReadToEndAsync()
    {
        while (await FillAsync())
        {
            _start = _end;
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task<string?> LineAsync()
    {
        StringBuilder line = new();
        while (await FillAsync())
        {
            char next = (char)_buffer[_start++];
            if (next == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }
            line.Append(next);
        }
        return null;
    }

    async ValueTask<bool> FillAsync()
    {
        if (_start < _end)
        {
            return true;
        }
        try
        {
            (_start, _end) = (0, await _socket.ReceiveAsync(_buffer).WaitAsync(s_patience));
        }
        catch (SocketException)
        {
            (_start, _end) = (0, 0);
        }
        return _end > 0;
    }
}
