using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Cli.LocalNetwork;
using Funion.Client;

namespace Funion.IntegrationTests;

/// <summary>A network with two gateways, each behind its own ingress.</summary>
public sealed class GatewaysTests
{
    [Fact]
    public async Task Clients_of_both_gateways_read_what_either_stores()
    {
        LocalHostOptions options = new()
        {
            Listen = new Uri("http://127.0.0.1:0"), SecondListen = new Uri("http://127.0.0.1:0"), Buckets = [TimeSpan.FromSeconds(1)],
            MeanDelay = TimeSpan.FromMilliseconds(20), Rate = 20_000,
        };
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(3));
        await using LocalHost host = await LocalHost.StartAsync(options, deadline.Token);
        Assert.Equal(2, host.Gateways.Distinct().Count());
        // Each holds the document to the other's.
        await using FunionSession one = await FunionSession.ConnectAsync(host.Gateways[0], host.Trusted, cancellation: deadline.Token);
        await using FunionSession two = await FunionSession.ConnectAsync(host.Gateways[1], host.Trusted, cancellation: deadline.Token);
        Assert.Equal([host.Signed.Document.Gateways[0].Id, host.Signed.Document.Gateways[1].Id], [one.Mixnet.Gateway, two.Mixnet.Gateway]);
        byte[] content = RandomNumberGenerator.GetBytes(50_000);
        WriteCapability stored = await two.Client.PutAsync(content, cancellation: deadline.Token);
        Assert.Equal(content, await one.Client.GetAsync(stored.ToReadCapability(), 1 << 20, cancellation: deadline.Token));
        Assert.Equal((0, 0), (one.Mixnet.Statistics.LoopsLost, two.Mixnet.Statistics.LoopsLost));
    }

    [Fact]
    public async Task A_gateway_that_is_down_does_not_move_a_client_to_another()
    {
        LocalHostOptions options = new()
        {
            Listen = new Uri("http://127.0.0.1:0"), SecondListen = new Uri("http://127.0.0.1:0"), MeanDelay = TimeSpan.FromMilliseconds(20), Rate = 20_000,
        };
        await using LocalHost host = await LocalHost.StartAsync(options, default);
        SessionOptions kept = new() { Gateway = host.Signed.Document.Gateways[1].Id };
        await using (FunionSession up = await FunionSession.OpenAsync(host.Signed.Document, kept))
        {
            Assert.Equal(kept.Gateway, up.Mixnet.Gateway);
        }
        await host.CloseAsync(gateway: 1);
        FunionException gone = await Assert.ThrowsAsync<FunionException>(() => FunionSession.OpenAsync(host.Signed.Document, kept));
        Assert.Equal(FunionError.Unreachable, gone.Error);
        // The other one, asked for the document, says the same of it; the second that is down proves nothing.
        await using FunionSession other = await FunionSession.ConnectAsync(host.Gateways[0], host.Trusted);
        Assert.Equal(host.Signed.Document.Gateways[0].Id, other.Mixnet.Gateway);
    }
}
