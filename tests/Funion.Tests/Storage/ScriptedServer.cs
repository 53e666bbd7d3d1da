using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Funion.Tests.Storage;

/// <summary>A loopback HTTP server that gives every request the same answer and keeps what it was sent, byte for byte.</summary>
sealed class ScriptedServer : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly string _answer;

    public ScriptedServer(int status, string errorCode)
    {
        _answer = $"HTTP/1.1 {status} Scripted\r\nx-ms-error-code: {errorCode}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        _listener.Start();
        _ = ServeAsync();
    }

    public ConcurrentQueue<string> Requests { get; } = [];

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={Convert.ToBase64String(new byte[64])};"
        + $"BlobEndpoint={Address}devstoreaccount1;QueueEndpoint={Address}devstoreaccount1;";

    public void Dispose() => _listener.Dispose();

    async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
        }
    }

    async Task AnswerAsync(NetworkStream stream)
    {
        using StreamReader reader = new(stream, Encoding.Latin1, leaveOpen: true);
        StringBuilder head = new();
        int body = 0;
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            head.AppendLine(line);
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            {
                body = int.Parse(line["Content-Length:".Length..]);
            }
        }
        if (body > 0)
        {
            // Not for an empty body: a read of nothing would wait for a byte that does not come.
            await reader.ReadBlockAsync(new char[body]);
        }
        Requests.Enqueue(head.ToString());
        await stream.WriteAsync(Encoding.Latin1.GetBytes(_answer));
    }
}
