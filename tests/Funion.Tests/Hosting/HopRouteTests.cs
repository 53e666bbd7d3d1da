using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Funion.Cli.Ingress;
using Funion.Contracts;
using Funion.Hosting;
using Funion.Hosting.Hops;
using Funion.Network;
using Funion.Roles;
using Microsoft.AspNetCore.Http;

namespace Funion.Tests.Hosting;

/// <summary>Hops over a real server, between two nodes that share nothing but the network document.</summary>
public sealed class HopRouteTests : IAsyncLifetime, IDisposable
{
    const string Self = "mix-2-0", Peer = "mix-1-0";

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    readonly HostStage _stage = new();
    readonly HopClient _client = new();
    readonly HttpClient _http = new();
    readonly FaultPlan _faults = new();
    readonly CancellationTokenSource _deadline = new(s_patience);
    NodeHost _host = null!;
    IngressServer _server = null!;

    public async Task InitializeAsync()
    {
        NodePorts ports = _stage.Ports(Self);
        _host = new NodeHost(_stage.Settings(Self), _stage.Environment(Self) with { Ports = ports with { Queue = new FaultyPacketQueue(ports.Queue, _faults) } });
        _server = await ServeAsync(_host);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _host.DisposeAsync();
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
        _deadline.Dispose();
        _stage.Dispose();
    }

    [Theory]
    [InlineData("mix-1-0", "mix-2-0", QueueNames.MixIn)]
    [InlineData("mix-3-0", "gateway-1", QueueNames.GatewayIn)]
    [InlineData("courier-1", "replica-3", QueueNames.ReplicaIn)]
    [InlineData("replica-3", "courier-1", QueueNames.CourierReplies)]
    public async Task A_message_that_is_taken_lies_on_its_queue_as_it_was_sent(string from, string to, string queue)
    {
        await using NodeHost host = _stage.Host(to);
        await using IngressServer server = await ServeAsync(host);
        byte[] message = _stage.MessageFor(from, to);
        await SendAsync(server.Address, from, to, message);
        Delivery delivery = Assert.Single(await _stage.Ports(to).Queue.ReceiveAsync(queue, 32, TimeSpan.FromMinutes(1), default));
        Assert.Equal(message, delivery.Message.ToArray());
    }

    [Fact]
    public async Task A_gateway_behind_a_path_is_found_there()
    {
        // A reverse proxy of the other operator's: only the last segments are the route's.
        List<string> paths = [];
        await using IngressServer server = await IngressServer.StartAsync(Loopback(), NodeRoutes.LargestBody, context =>
        {
            paths.Add(context.Request.Path);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return Task.CompletedTask;
        }, _deadline.Token);
        await SendAsync(new Uri(server.Address, "/node/7/"), Peer, Self, _stage.MessageFor(Peer, Self));
        Assert.Equal(["/node/7/v1/hop"], paths);
    }

    public static TheoryData<string, int, string> Refusals => new()
    {
        { "empty", 400, "size" },
        { "short", 400, "size" },
        { "nothing in it", 400, "size" },
        { "a byte less", 400, "size" },
        { "long", 400, "size" },
        { "chunked", 400, "size" },
        { "text", 415, "content-type" },
        { "another receiver", 421, "receiver" },
        { "an old one", 400, "time" },
        { "a stranger", 403, "sender" },
        { "a node that may not", 403, "sender" },
        { "a forger", 403, "sender" },
        { "get", 405, "method" },
        { "elsewhere", 404, "route" },
        { "packets at a mix", 404, "route" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_names_the_rule_and_nothing_of_the_server(string what, int status, string type)
    {
        using HttpRequestMessage request = Request(what);
        using HttpResponseMessage answer = await _http.SendAsync(request, _deadline.Token);
        await AssertProblemAsync(answer, status, type);
        Assert.Equal(0, await _stage.Ports(Self).Queue.CountAsync(QueueNames.MixIn, default));
    }

    [Fact]
    public async Task A_stranger_and_a_forger_get_the_same_bytes()
    {
        List<string> answers = [];
        foreach (string what in (string[])["a stranger", "a node that may not", "a forger"])
        {
            using HttpRequestMessage request = Request(what);
            using HttpResponseMessage answer = await _http.SendAsync(request, _deadline.Token);
            answers.Add(await answer.Content.ReadAsStringAsync());
        }
        Assert.Single(answers.Distinct());
    }

    [Theory]
    [InlineData("gateway-0")]
    [InlineData("courier-0")]
    public async Task A_wrong_method_is_the_same_error_at_every_role(string node)
    {
        await using NodeHost host = _stage.Host(node);
        await using IngressServer server = await ServeAsync(host);
        using HttpResponseMessage answer = await _http.GetAsync(new Uri(server.Address, "/v1/hop"), _deadline.Token);
        await AssertProblemAsync(answer, 405, "method");
    }

    [Fact]
    public async Task A_queue_that_is_away_is_said_to_be_so()
    {
        _faults.Outage = true;
        using HttpRequestMessage request = Request("good");
        using HttpResponseMessage answer = await _http.SendAsync(request, _deadline.Token);
        await AssertProblemAsync(answer, 503, "unavailable");
        PortUnavailableException error = await Assert.ThrowsAsync<PortUnavailableException>(() => SendAsync(_server.Address, Peer, Self, _stage.MessageFor(Peer, Self)));
        Assert.Contains("503", error.Message, StringComparison.Ordinal);
        _faults.Outage = false;
        await SendAsync(_server.Address, Peer, Self, _stage.MessageFor(Peer, Self));
    }

    [Fact]
    public async Task A_node_without_a_document_is_alive_and_not_ready()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_server, "/v1/health/ready"));
        File.Delete(_stage.DocumentFile);
        await using NodeHost host = _stage.Host("mix-2-1");
        await using IngressServer server = await ServeAsync(host);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/v1/health/live"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, "/v1/health/ready"));
        using ByteArrayContent body = Binary(_stage.Hop(Peer, "mix-2-1", _stage.MessageFor(Peer, "mix-2-1")));
        using HttpResponseMessage answer = await _http.PostAsync(new Uri(server.Address, "/v1/hop"), body, _deadline.Token);
        await AssertProblemAsync(answer, 503, "unavailable");
    }

    [Theory]
    [InlineData("gateway-1")]
    [InlineData("replica-0")]
    public async Task A_node_whose_document_ended_is_not_ready_any_more(string node)
    {
        await using NodeHost host = _stage.Host(node);
        await using IngressServer server = await ServeAsync(host);
        // The ingress has answered before.
        await StatusAsync(server, "/v1/network");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/v1/health/ready"));
        _stage.Time.AdvanceTo(_stage.Document.ValidUntil);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, "/v1/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/v1/health/live"));
        using HttpResponseMessage answer = await _http.PostAsync(new Uri(server.Address, "/v1/health/ready"), null, _deadline.Token);
        await AssertProblemAsync(answer, 405, "method");
    }

    [Fact]
    public async Task A_body_that_is_cut_off_puts_nothing_on_the_queue()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _server.Address.Port, _deadline.Token);
        byte[] body = _stage.Hop(Peer, Self, _stage.MessageFor(Peer, Self));
        string head = $"POST /v1/hop HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: {body.Length}\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(head), _deadline.Token);
        await socket.SendAsync(body.AsMemory(..^1), _deadline.Token);
        socket.Shutdown(SocketShutdown.Send);
        Assert.DoesNotContain(" 202 ", await ReadAsync(socket), StringComparison.Ordinal);
        Assert.Equal(0, await _stage.Ports(Self).Queue.CountAsync(QueueNames.MixIn, default));
    }

    [Fact]
    public async Task A_node_that_is_down_or_has_no_address_is_a_port_that_is_away()
    {
        byte[] message = _stage.MessageFor(Peer, Self);
        Uri address = _server.Address;
        await _server.DisposeAsync();
        await Assert.ThrowsAsync<PortUnavailableException>(() => SendAsync(address, Peer, Self, message));
        foreach (string nowhere in (string[])["", "mix", "ftp://mix.example", "file:///"])
        {
            NodeDescriptor receiver = _stage.Node(Self) with { Address = nowhere };
            await Assert.ThrowsAsync<PortUnavailableException>(
                async () => await _client.SendAsync(receiver, _stage.Node(Peer).Id, _stage.Signer(Peer), message, _stage.Time.GetUtcNow(), _deadline.Token));
        }
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using IngressServer elsewhere = await IngressServer.StartAsync(Loopback(), NodeRoutes.LargestBody, context =>
        {
            context.Response.Redirect(new Uri(_server.Address, "/v1/hop").AbsoluteUri, permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        }, _deadline.Token);
        await Assert.ThrowsAsync<PortUnavailableException>(() => SendAsync(elsewhere.Address, Peer, Self, _stage.MessageFor(Peer, Self)));
        Assert.Equal(0, await _stage.Ports(Self).Queue.CountAsync(QueueNames.MixIn, default));
    }

    [Fact]
    public async Task Whoever_gives_up_is_not_told_that_the_node_is_away()
    {
        using CancellationTokenSource gone = new();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _client.SendAsync(
            _stage.Node(Self) with { Address = _server.Address.AbsoluteUri }, _stage.Node(Peer).Id, _stage.Signer(Peer), _stage.MessageFor(Peer, Self),
            _stage.Time.GetUtcNow(), gone.Token));
    }

    /// <summary>An answer or a reset: both are an end.</summary>
    async Task<string> ReadAsync(Socket socket)
    {
        byte[] answer = new byte[4096];
        try
        {
            return Encoding.ASCII.GetString(answer, 0, await socket.ReceiveAsync(answer, _deadline.Token));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    HttpRequestMessage Request(string what)
    {
        byte[] message = _stage.MessageFor(Peer, Self), good = _stage.Hop(Peer, Self, message);
        HttpContent? content = what switch
        {
            "empty" => Binary([]),
            "short" => Binary(good[..(HopRequest.Overhead - 1)]),
            "nothing in it" => Binary(good[..HopRequest.Overhead]),
            "a byte less" => Binary(_stage.Hop(Peer, Self, message.AsSpan(1))),
            "long" => Binary(new byte[HopRequest.LargestBody(_stage.Document) + 1]),
            "another receiver" => Binary(_stage.Hop(Peer, "mix-2-1", message)),
            "an old one" => Binary(HopRequest.Build(
                _stage.Node(Peer).Id, _stage.Signer(Peer), _stage.Node(Self).Id, message, _stage.Time.GetUtcNow() - (2 * HopRequest.Tolerance))),
            "a stranger" => Binary(HopRequest.Build(
                new NodeId(new byte[NodeId.Size]), _stage.Signer(Peer), _stage.Node(Self).Id, message, _stage.Time.GetUtcNow())),
            "a node that may not" => Binary(_stage.Hop("mix-3-0", Self, message)),
            "a forger" => Binary(HopRequest.Build(_stage.Node(Peer).Id, _stage.Signer("mix-1-1"), _stage.Node(Self).Id, message, _stage.Time.GetUtcNow())),
            "get" => null,
            _ => Binary(good),
        };
        string path = what switch { "elsewhere" => "/v1/hops", "packets at a mix" => "/v1/packets", _ => "/v1/hop" };
        HttpRequestMessage request = new(what == "get" ? HttpMethod.Get : HttpMethod.Post, new Uri(_server.Address, path)) { Content = content };
        request.Headers.TransferEncodingChunked = what == "chunked" ? true : null;
        if (what == "text")
        {
            content!.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        }
        return request;
    }

    async Task AssertProblemAsync(HttpResponseMessage answer, int status, string type)
    {
        string text = await answer.Content.ReadAsStringAsync(_deadline.Token);
        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        using JsonDocument problem = JsonDocument.Parse(text);
        Assert.Equal(["type", "title", "status"], problem.RootElement.EnumerateObject().Select(field => field.Name));
        Assert.Equal($"urn:funion:problem:{type}", problem.RootElement.GetProperty("type").GetString());
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Empty(answer.Headers.Select(header => header.Key).Except(["Date", "Transfer-Encoding", "Connection"]));
        foreach (string leak in (string[])["mix-", "Exception", " at ", "Funion.", _stage.Folder, _stage.Node(Self).Id.ToString(), _stage.Node(Peer).Id.ToString()])
        {
            Assert.DoesNotContain(leak, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    async Task<HttpStatusCode> StatusAsync(IngressServer server, string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(new Uri(server.Address, path), _deadline.Token);
        return answer.StatusCode;
    }

    async Task SendAsync(Uri address, string from, string to, byte[] message) => await _client.SendAsync(
        _stage.Node(to) with { Address = address.AbsoluteUri }, _stage.Node(from).Id, _stage.Signer(from), message, _stage.Time.GetUtcNow(), _deadline.Token);

    Task<IngressServer> ServeAsync(NodeHost host) =>
        IngressServer.StartAsync(Loopback(), NodeRoutes.LargestBody, new NodeRoutes(host, behindFrontEnd: false).HandleAsync, _deadline.Token);

    static Uri Loopback() => new("http://127.0.0.1:0");

    static ByteArrayContent Binary(byte[] body)
    {
        ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return content;
    }
}
