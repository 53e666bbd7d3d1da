using Funion.Cli.Commands;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>Mixes and gateways send loops of their own and notice what does not come back.</summary>
public sealed class LoopTests
{
    [Fact]
    public void Every_mix_and_gateway_sends_loops_and_all_come_back()
    {
        using SimulatedNetwork network = new(dummies: false);
        network.Run.For(TimeSpan.FromMinutes(10));
        IReadOnlyList<LoopReport> reports = Reports(network);
        Assert.Equal(7, reports.Count);
        Assert.All(reports, report =>
        {
            // 0.2 a second for 600 s; five standard deviations.
            Assert.InRange(report.Sent, 120 - 55, 120 + 55);
            Assert.Equal(0, report.Lost);
            Assert.InRange(report.Sent - report.Returned, 0, 5);
        });
    }

    [Fact]
    public void A_mix_that_drops_packets_is_noticed_by_everybody_whose_loops_pass_it()
    {
        using SimulatedNetwork network = new(dummies: false, wrap: (ports, name) => name == "mix-2-0"
            ? ports with { Queue = new Tap(ports.Queue, (_, _) => { }, (queue, _) => queue != QueueNames.MixIn) }
            : ports);
        network.Run.For(TimeSpan.FromMinutes(10));
        foreach (LoopReport report in Reports(network))
        {
            // A loop of layer 1 passes layer 2 on its way out, one of layer 3 on its way back, a gateway's on both.
            Assert.True(report.Lost > 20 || report is { Role: NodeRole.Mix, Layer: 2, Index: 1 }, report.ToString());
            if (report.Lost > 0)
            {
                Assert.Equal(LossVerdict.Attack, LoopLoss.Judge(report.Returned, report.Lost));
            }
        }
        Assert.True(network.Mixnet.Statistics.LoopsLost > 50);
    }

    [Theory]
    [InlineData(0, 0, LossVerdict.Unknown)]
    [InlineData(5, 0, LossVerdict.Unknown)]
    [InlineData(1_000, 0, LossVerdict.None)]
    [InlineData(100, 1, LossVerdict.Noise)]
    [InlineData(1_000, 10, LossVerdict.Noise)]
    [InlineData(100_000, 1_000, LossVerdict.Noise)]
    [InlineData(0, 3, LossVerdict.Attack)]
    [InlineData(90, 10, LossVerdict.Attack)]
    [InlineData(970, 30, LossVerdict.Attack)]
    [InlineData(98_800, 1_200, LossVerdict.Attack)]
    [InlineData(0, 1_000_000, LossVerdict.Attack)]
    [InlineData(1L << 40, 1L << 40, LossVerdict.Attack)]
    [InlineData(99_000_000, 1_000_000, LossVerdict.Noise)]
    [InlineData(98_900_000, 1_100_000, LossVerdict.Attack)]
    [InlineData(-1, 0, LossVerdict.Unknown)]
    public void Loss_beyond_noise_is_told_from_noise(long returned, long lost, LossVerdict verdict) =>
        Assert.Equal(verdict, LoopLoss.Judge(returned, lost));

    [Fact]
    public void A_healthy_network_raises_no_false_alarm()
    {
        SeededRandom random = new(7);
        for (int run = 0; run < 2_000; run++)
        {
            int lost = Enumerable.Range(0, 300).Count(_ => random.NextDouble() < LoopLoss.Noise);
            Assert.NotEqual(LossVerdict.Attack, LoopLoss.Judge(300 - lost, lost));
        }
    }

    [Fact]
    public void Status_says_where_and_what_it_means()
    {
        using SimulatedNetwork network = new(dummies: false);
        System.Text.Json.Nodes.JsonObject status = StatusJson.Of(
            network.Document, network.Mixnet.Gateway, new Funion.Client.LoopStatistics(100, 100, 100, 0, 0, 100), network.Time.GetUtcNow());
        status["nodes"] = Funion.Hosting.Ingress.LoopsJson.Of(
        [
            new LoopReport(NodeRole.Gateway, 0, 0, 200, 199, 1), new LoopReport(NodeRole.Mix, 1, 0, 100, 60, 40), new LoopReport(NodeRole.Mix, 1, 1, 100, 100, 0),
            new LoopReport(NodeRole.Mix, 3, 0, 100, 99, 0, 1, 20),
        ]);
        status["answered"] = 10L;
        status["resent"] = 30L;
        string[] lines = [.. StatusJson.Lines(status)];
        Assert.Contains(lines, line => line.StartsWith("your requests: 10 answered, 30 sent again: more than noise", StringComparison.Ordinal));
        Assert.Contains("loops of layer 3: 100 sent, 99 back, 20 of them late, 0 lost, 1 changed: 21 % is more than noise; somebody drops, marks or holds back packets there, or a node cannot keep up", lines);
        Assert.Contains("your loops: 100 sent, 100 back, 0 lost", lines);
        Assert.Contains("loops of gateways: 200 sent, 199 back, 1 lost: within noise", lines);
        Assert.Contains(lines, line => line.StartsWith("loops of layer 1: 200 sent, 160 back, 40 lost: 20 % is more than noise", StringComparison.Ordinal));
    }

    static IReadOnlyList<LoopReport> Reports(SimulatedNetwork network)
    {
        Task<IReadOnlyList<LoopReport>> reports = network.Network.ReportLoopsAsync(default).AsTask();
        Assert.True(reports.IsCompletedSuccessfully);
        return reports.Result;
    }
}
