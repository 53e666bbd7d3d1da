using System.Net;
using System.Net.Sockets;
using System.Text;
using Funion.Client;

namespace Funion.Tests.Client;

public sealed class HttpGatewayConnectionTests
{
    [Fact]
    public async Task A_request_shows_nothing_that_tells_clients_apart()
    {
        using Ingress ingress = new("202 Accepted", "Content-Length: 0\r\nSet-Cookie: id=7\r\n", []);
        using HttpGatewayConnection connection = new(ingress.Address, 10);
        await connection.SubmitAsync(new byte[32], default);
        await connection.SubmitAsync(new byte[32], default);
        string[] first = ingress.Heads[0].Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("POST /v1/packets HTTP/1.1", first[0]);
        Assert.Equal(
            ["Content-Length: 32", "Content-Type: application/octet-stream", "Host: " + ingress.Address.Authority],
            first[1..].Order(StringComparer.Ordinal));
        Assert.Equal(ingress.Heads[0], ingress.Heads[1]);
    }

    [Fact]
    public async Task An_answer_of_the_expected_size_is_taken()
    {
        using Ingress ingress = new("200 OK", "Content-Length: 3\r\n", [1, 2, 3]);
        using HttpGatewayConnection connection = new(ingress.Address, 3);
        Assert.Equal([1, 2, 3], await connection.PollAsync(new byte[8], default));
    }

    [Theory]
    [InlineData("200 OK", "Content-Length: 4\r\n", 4)]
    [InlineData("200 OK", "Content-Length: 2\r\n", 2)]
    [InlineData("200 OK", "Content-Length: 3\r\n", 2)]
    [InlineData("200 OK", "", 3)]
    [InlineData("204 No Content", "", 0)]
    [InlineData("302 Found", "Location: http://127.0.0.1:1/\r\nContent-Length: 0\r\n", 0)]
    [InlineData("500 Oops", "Content-Length: 3\r\n", 3)]
    public async Task Any_other_answer_is_none(string status, string headers, int size)
    {
        using Ingress ingress = new(status, headers, new byte[size]);
        using HttpGatewayConnection connection = new(ingress.Address, 3);
        await Assert.ThrowsAsync<GatewayUnreachableException>(() => connection.PollAsync(new byte[8], default));
        await Assert.ThrowsAsync<GatewayUnreachableException>(() => connection.SubmitAsync(new byte[8], default));
    }

    [Fact]
    public async Task Nobody_there_is_said_so()
    {
        Uri address;
        using (Ingress ingress = new("200 OK", "", []))
        {
            address = ingress.Address;
        }
        using HttpGatewayConnection connection = new(address, 3);
        await Assert.ThrowsAsync<GatewayUnreachableException>(() => connection.SubmitAsync(new byte[8], default));
    }

    [Fact]
    public void An_address_is_a_url_of_the_web() =>
        Assert.Throws<ArgumentException>(() => new HttpGatewayConnection(new Uri("file:///etc"), 3));

    /// <summary>Gives every request the same answer and keeps the requests' heads.</summary>
    sealed class Ingress : IDisposable
    {
        readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        readonly byte[] _answer;

        public Ingress(string status, string headers, byte[] body)
        {
            _answer = [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n"), .. body];
            _listener.Start();
            _ = ServeAsync();
        }

        public List<string> Heads { get; } = [];

        public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

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
            catch (Exception error) when (error is SocketException or ObjectDisposedException or IOException)
            {
            }
        }

        async Task AnswerAsync(NetworkStream stream)
        {
            byte[] buffer = new byte[4096];
            int filled = 0, end, length;
            do
            {
                filled += await stream.ReadAsync(buffer.AsMemory(filled));
                string text = Encoding.ASCII.GetString(buffer, 0, filled);
                end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                length = text.Split("\r\n").Where(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))
                    .Select(line => int.Parse(line[16..])).FirstOrDefault();
            }
            while (end < 0 || filled < end + 4 + length);
            Heads.Add(Encoding.ASCII.GetString(buffer, 0, end));
            await stream.WriteAsync(_answer);
        }
    }
}
