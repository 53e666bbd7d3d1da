using Funion.Hosting.Hops;
using Funion.Hosting.Ingress;
using Funion.Network;
using Funion.Roles;
using Microsoft.AspNetCore.Http;

namespace Funion.IntegrationTests.Ingress;

/// <summary>The routes of a node over memory ports: the same suite, with nodes that are something else or not well, and a platform's front end.</summary>
public sealed class NodeIngressTests(NodeIngressFixture nodes) : IngressContract, IClassFixture<NodeIngressFixture>
{
    const string Binary = "Content-Type: application/octet-stream\r\n";

    private protected override IngressStage Stage { get; } = new NodeStage(nodes);

    [Fact]
    public void This_stage_has_a_node_for_every_case() => Assert.All(IngressCase.All, one => Assert.NotNull(one.At(Stage)));

    [Fact]
    public async Task The_last_forwarded_address_counts_and_what_a_visitor_says_before_it_does_not()
    {
        await using RawConnection connection = await RawConnection.OpenAsync(nodes.BehindFrontEnd);
        int taken = 0;
        // 64 clients share an address, each with its burst; connections are the front end's and have none.
        for (; await MayAsync(connection, $"X-Forwarded-For: 198.51.100.{taken % 200}, 203.0.113.7"); taken++)
        {
            Assert.True(taken < 100_000, "No limit was met.");
        }
        Assert.Equal(64 * 256, taken);
        Assert.False(await MayAsync(connection, "X-Forwarded-For: 203.0.113.7:50123"));
        Assert.False(await MayAsync(connection, "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 203.0.113.7"));
        await using (RawConnection another = await RawConnection.OpenAsync(nodes.BehindFrontEnd))
        {
            Assert.False(await MayAsync(another, "X-Forwarded-For: 203.0.113.7"));
        }
        Assert.True(await MayAsync(connection, "X-Forwarded-For: 203.0.113.7, 203.0.113.8"));
        // As long as it is told to wait.
        nodes.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await MayAsync(connection, "X-Forwarded-For: 203.0.113.7"));
    }

    [Fact]
    public async Task Nobody_names_an_address_where_no_front_end_does()
    {
        await using RawConnection connection = await RawConnection.OpenAsync(nodes.Gateway);
        int taken = 0;
        for (; await MayAsync(connection, $"X-Forwarded-For: 203.0.113.{taken % 200}"); taken++)
        {
            Assert.True(taken < 100_000, "No limit was met.");
        }
        Assert.Equal(256, taken);
    }

    [Fact]
    public async Task What_is_taken_lies_on_the_gateway_s_queue_and_what_is_refused_does_not()
    {
        await DrainAsync();
        byte[] packet = Stage.Body("/v1/packets"), hop = Stage.Hop(TimeSpan.Zero);
        Assert.Equal(202, (await AskAsync("POST", "/v1/packets", Binary, packet)).Status);
        Assert.Equal(202, (await AskAsync("POST", "/v1/hop", Binary, hop)).Status);
        Assert.Equal(403, (await AskAsync("POST", "/v1/hop", Binary, [.. hop[..^1], (byte)(hop[^1] ^ 1)])).Status);
        Assert.Equal([packet, hop[72..^64]], await DrainAsync());
    }

    [Theory]
    [InlineData("/v1/health/live", 200)]
    [InlineData("/v1/health/ready", 200)]
    [InlineData("/v1/hop", 405)]
    [InlineData("/v1/network", 404)]
    public async Task A_courier_has_the_routes_of_a_node_and_no_others(string route, int status) =>
        Assert.Equal(status, (await AskAsync("GET", route, at: nodes.Courier)).Status);

    [Fact]
    public async Task A_node_that_is_not_ready_is_alive()
    {
        Assert.Equal(200, (await AskAsync("GET", "/v1/health/live", at: nodes.Unready)).Status);
        AssertProblem(await AskAsync("GET", "/v1/health/ready", at: nodes.Unready), Problem.Unavailable);
        Assert.Equal(200, (await AskAsync("GET", "/v1/health/live", at: nodes.Buggy)).Status);
    }

    async Task<bool> MayAsync(RawConnection connection, string headers)
    {
        await connection.SendAsync("POST", "/v1/packets", headers + "\r\n", []);
        RawAnswer? answer = await connection.ReadAsync();
        AssertProblem(answer, answer!.Status == 429 ? Problem.Rate : Problem.ContentType);
        return answer.Status != 429;
    }

    async Task<List<byte[]>> DrainAsync()
    {
        List<byte[]> messages = [];
        while (await nodes.Queue.ReceiveAsync(QueueNames.GatewayIn, 1, TimeSpan.FromMinutes(1), default) is [Delivery delivery])
        {
            messages.Add(delivery.Message.ToArray());
            await nodes.Queue.CompleteAsync(delivery, default);
        }
        return messages;
    }

    sealed class NodeStage(NodeIngressFixture nodes) : IngressStage
    {
        public override Uri Gateway => nodes.Gateway;

        public override Uri Courier => nodes.Courier;

        public override Uri Unready => nodes.Unready;

        public override Uri Buggy => nodes.Buggy;

        public override bool TakesHops => true;

        public override bool CutsOff => true;

        public override NetworkDocument Document => nodes.Plan.Document;

        public override TrustedAuthorities Trusted => nodes.Plan.Trusted;

        public override byte[] Hop(TimeSpan ago, bool misdirected)
        {
            NodeKeys mix = nodes.Plan.Nodes.First(node => node is { Role: NodeRole.Mix, Layer: 3 });
            NodeId to = misdirected ? mix.Id : Document.Gateways[0].Id;
            return HopRequest.Build(mix.Id, SodiumSignatures.Signer(mix), to, new byte[Geometry.PacketSize], nodes.Time.GetUtcNow() - ago);
        }

        public override async Task<RawAnswer?> CutOffAsync(string route)
        {
            using MemoryStream answer = new();
            DefaultHttpContext context = new();
            context.Request.Method = "POST";
            context.Request.Path = route;
            context.Request.ContentType = "application/octet-stream";
            context.Request.ContentLength = SizeOf(route);
            context.Request.Body = new MemoryStream([1, 2, 3]);
            context.Response.Body = answer;
            await nodes.RoutesBehindFrontEnd.HandleAsync(context);
            Dictionary<string, string> headers = context.Response.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());
            return new RawAnswer(context.Response.StatusCode, headers, answer.ToArray());
        }
    }
}
