using Funion.Cli.Ingress;
using Funion.Hosting;
using Funion.Network;

namespace Funion.Tests.Hosting;

/// <summary>How what a node forwards gets to the next one: its own account, a peer's queue, or a hop to another operator.</summary>
public sealed class PeerSenderTests : IDisposable
{
    const string From = "mix-1-0", To = "mix-2-0";

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    readonly HostStage _stage = new();

    [Fact]
    public async Task A_star_finds_the_peers_queue_by_its_name()
    {
        List<(Uri? Service, string Prefix)> asked = [];
        await using NodeHost host = Host("*", asked);
        Assert.True(await ForwardAsync(host));
        Assert.True(await ForwardAsync(host));
        Assert.Equal(2, await _stage.Ports(To).Queue.CountAsync(QueueNames.MixIn, default));
        // And opens it once.
        Assert.Equal([(null, To)], asked);
    }

    [Fact]
    public async Task A_listed_peer_is_found_where_the_list_says()
    {
        List<(Uri? Service, string Prefix)> asked = [];
        await using NodeHost host = Host($"{To}=sb://bus.example/m20", asked);
        Assert.True(await ForwardAsync(host));
        Assert.Equal([(new Uri("sb://bus.example/"), "m20")], asked);
        Assert.Equal(1, await _stage.Ports("m20").Queue.CountAsync(QueueNames.MixIn, default));
    }

    [Fact]
    public async Task Everybody_else_is_reached_at_the_address_in_the_document()
    {
        await using NodeHost receiver = _stage.Host(To);
        await using IngressServer server = await IngressServer.StartAsync(
            new Uri("http://127.0.0.1:0"), NodeRoutes.LargestBody, new NodeRoutes(receiver, behindFrontEnd: false).HandleAsync, default);
        _stage.PublishAddress(To, server.Address);
        List<(Uri? Service, string Prefix)> asked = [];
        await using NodeHost host = Host("mix-2-1=sb://bus.example/m21", asked);
        Assert.True(await ForwardAsync(host));
        Assert.Equal(1, await _stage.Ports(To).Queue.CountAsync(QueueNames.MixIn, default));
        Assert.Empty(asked);
        await server.DisposeAsync();
        // Down: the packet must come again.
        Assert.False(await ForwardAsync(host));
    }

    public void Dispose() => _stage.Dispose();

    NodeHost Host(string peers, List<(Uri? Service, string Prefix)> asked) => new(
        _stage.Settings(From) with { Peers = PeerList.TryParse(peers)! },
        _stage.Environment(From) with
        {
            PeerQueues = (service, prefix) =>
            {
                asked.Add((service, prefix));
                return _stage.Ports(prefix).Queue;
            },
        });

    /// <summary>Has a packet forwarded that is due now.</summary>
    Task<bool> ForwardAsync(NodeHost host) => host.HandleAsync(_stage.Held(_stage.Time.GetUtcNow()), default).AsTask().WaitAsync(s_patience);
}
