using Funion.Client;
using Funion.Contracts;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Tests.Network;

namespace Funion.Tests.Client;

public sealed class DecoyTests
{
    [Fact]
    public void Decoys_end_where_an_inference_sends_its_packets_and_as_often()
    {
        using LocalNetworkPlan plan = Networks.Plan(new LocalNetworkOptions { Models = [Networks.Model()] });
        DecoyDestinations decoys = new(plan.Document);
        SeededRandom random = new(7);
        const int Draws = 18_000;
        Dictionary<NodeId, int> counts = [];
        for (int i = 0; i < Draws; i++)
        {
            ServiceAddress address = decoys.Draw(random);
            Assert.Equal(ServiceNames.Loop, address.Recipient);
            counts[address.Node.Id] = counts.GetValueOrDefault(address.Node.Id) + 1;
        }
        // One box in, one out: 8 exchanges with couriers and 1 with compute.
        Assert.InRange(counts[plan.Document.Computes[0].Id], 2_000 - 170, 2_000 + 170);
        Assert.All(plan.Document.Couriers, courier => Assert.InRange(counts[courier.Id], 8_000 - 270, 8_000 + 270));
    }

    [Fact]
    public void Paths_of_decoys_and_of_requests_are_drawn_alike()
    {
        using Stage stage = new();
        for (int i = 0; i < 600; i++)
        {
            ServiceAddress courier = new(stage.Plan.Document.Couriers[i % 2], ServiceNames.Courier);
            _ = stage.Client.RequestAsync(courier, stage.Payload(1), CancellationToken.None);
        }
        stage.Run(TimeSpan.FromMinutes(20));
        foreach (int hop in (int[])[1, 2, 3, 4])
        {
            double real = Share(packet => packet.Recipient == ServiceNames.Courier, hop), decoy = Share(packet => packet.Recipient == ServiceNames.Loop, hop);
            // Standard deviation about 0.03.
            Assert.InRange(real - decoy, -0.12, 0.12);
        }
        double Share(Func<SeenPacket, bool> of, int hop)
        {
            SeenPacket[] packets = [.. stage.Gateway.Packets.Where(of)];
            NodeDescriptor first = hop == 4 ? stage.Plan.Document.Couriers[0] : stage.Plan.Document.Mixes(hop)[0];
            return packets.Count(packet => packet.Path[hop] == first.Id) / (double)packets.Length;
        }
    }

    [Fact]
    public void A_clock_without_a_rate_never_comes() =>
        Assert.Equal(DateTimeOffset.MaxValue, new PoissonClock(Timeout.InfiniteTimeSpan, Networks.Now, new SeededRandom(1)).Next);

    [Fact]
    public void A_clock_takes_what_is_late_by_a_timer_and_drops_what_is_later()
    {
        PoissonClock clock = new(TimeSpan.FromSeconds(1), Networks.Now, new SeededRandom(3));
        Assert.False(clock.TryTake(Networks.Now));
        Assert.True(clock.TryTake(clock.Next + TimeSpan.FromMilliseconds(20)));
        DateTimeOffset late = clock.Next + TimeSpan.FromSeconds(30);
        Assert.False(clock.TryTake(late));
        Assert.True(clock.Next > late);
    }
}
