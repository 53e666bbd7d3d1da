using System.Runtime.InteropServices;
using Funion.Cli.Anonymity;
using Funion.Cli.Anonymity.Games;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Client;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Tests.Simulation;

namespace Funion.Tests.Anonymity;

/// <summary>Which active attacks the loops tell of, and which they do not.</summary>
public sealed class AttackTests
{
    [Theory]
    [InlineData("nobody attacks", false)]
    [InlineData("a mix drops all", true)]
    [InlineData("a gateway drops 10 %", true)]
    [InlineData("a mix lets one client through (n - 1)", true)]
    [InlineData("a mix delays 10 % by 60 s", true)]
    [InlineData("a mix tags 10 % of what goes out", true)]
    [InlineData("a courier drops envelopes, not loops", true)]
    [InlineData("a first mix tags 10 % of replies", true)]
    [InlineData("a mix tags all replies", true)]
    public void Loops_tell_of_it(string attack, bool noticed)
    {
        ActiveAttackResult result = ActiveAttack.All.Single(one => one.Name == attack).Run(runs: 1);
        Assert.Equal(noticed ? 1 : 0, result.ClientNoticed);
        Assert.True(!noticed || result.ClientLoops < 800, $"{result}");
    }

    /// <summary>A client's replies may wait in its mailbox for longer; a node's do not.</summary>
    [Fact]
    public void Nodes_tell_of_delays_that_clients_bear() => Assert.Equal(1, ActiveAttack.All.Single(one => one.Name == "a mix delays all by 10 s").Run(runs: 1).NodesNoticed);

    [Fact]
    public void Tagging_confirms_no_more_than_one_packet_for_each_that_it_destroys()
    {
        ActiveAttackResult result = ActiveAttack.All.Single(one => one.Name == "a mix tags 10 % of what goes out").Run(runs: 1);
        Assert.InRange(result.Confirmed, 1, result.Destroyed);
    }

    [Fact]
    public void Replies_that_a_gateway_changes_are_counted_as_damaged_and_not_as_lost()
    {
        using SimulatedNetwork network = new(dummies: false, wrap: (ports, name) =>
            name == "gateway-0" ? ports with { Store = new Garbler(ports.Store) } : ports);
        network.Run.For(TimeSpan.FromMinutes(1));
        LoopStatistics statistics = network.Mixnet.Statistics;
        Assert.True(statistics.Damaged > 20, $"{statistics}");
        Assert.Equal((0, 0), (statistics.LoopsReturned, statistics.LoopsLost));
        Assert.True(statistics.LoopsDamaged > 10, $"{statistics}");
        System.Text.Json.Nodes.JsonObject status = StatusJson.Of(network.Document, network.Mixnet.Gateway, statistics, network.Time.GetUtcNow());
        Assert.Contains(StatusJson.Lines(status), line => line.StartsWith("your loops", StringComparison.Ordinal) && line.Contains("100 % is more than noise", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Loops_of_nodes_are_opened_and_one_that_was_changed_did_not_come_back()
    {
        // What comes to the gateway is changed on the wire: the last bit of a packet is one of its payload.
        static bool Change(string queue, ReadOnlyMemory<byte> message)
        {
            MemoryMarshal.AsMemory(message).Span[^1] ^= (byte)(queue == QueueNames.GatewayIn ? 1 : 0);
            return true;
        }
        using SimulatedNetwork network = new(dummies: false, wrap: (ports, name) => name == "gateway-0"
            ? ports with { Queue = new Tap(ports.Queue, (_, _) => { }, Change) }
            : ports);
        network.Run.For(TimeSpan.FromMinutes(2));
        LoopReport gateway = (await network.Network.ReportLoopsAsync(default)).Single(report => report.Role == NodeRole.Gateway);
        Assert.Equal(0, gateway.Returned);
        Assert.True(gateway.Damaged > 5, $"{gateway}");
        Assert.Equal(LossVerdict.Attack, LoopLoss.Judge(gateway.Returned, gateway.Lost, gateway.Damaged, gateway.Late));
    }

    [Fact]
    public void The_entropy_of_a_trace_grows_with_the_packets_per_delay()
    {
        TracingResult few = Tracing.Trace(2, 50, 40), many = Tracing.Trace(10, 1_000, 40);
        Assert.True(few.PacketsPerDelay < many.PacketsPerDelay);
        Assert.InRange(few.Bits, 0, 4);
        Assert.True(many.Bits > few.Bits + 2, $"{few} {many}");
    }

    [Fact]
    public void A_picture_has_a_chart_for_each_and_a_dot_for_each_point()
    {
        Svg svg = new();
        svg.Add("One & two", "x", "y", 1, [("a", [(1, 0.5), (2, 1)]), ("b", [(1, 0)])]);
        svg.Add("Three", "x", "y", 2, [("c", [(1, 2)])]);
        System.Xml.Linq.XDocument picture = System.Xml.Linq.XDocument.Parse(svg.ToString());
        Assert.Equal(4, picture.Descendants().Count(element => element.Name.LocalName == "circle"));
        Assert.Contains(picture.Descendants(), element => element.Value == "One & two");
        Assert.Equal("0 0 760 300", (string?)picture.Root!.Attribute("viewBox"));
    }

    /// <summary>A gateway that flips a bit of every reply.</summary>
    sealed class Garbler(BoxStore inner) : BoxStore
    {
        public override ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
        {
            byte[] changed = value.ToArray();
            if (key.Shelf == GatewayRole.MailboxShelf)
            {
                changed[^1] ^= 1;
            }
            return inner.PutIfAbsentAsync(key, changed, cancellation);
        }

        public override ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation) => inner.GetAsync(key, cancellation);

        public override ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
            StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation) =>
            inner.ReplaceIfUnchangedAsync(key, value, version, cancellation);

        public override ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation) => inner.DeleteAsync(key, cancellation);

        public override IAsyncEnumerable<string> ListAsync(string shelf, long epoch, string prefix, CancellationToken cancellation) =>
            inner.ListAsync(shelf, epoch, prefix, cancellation);

        public override IAsyncEnumerable<long> ListEpochsAsync(string shelf, CancellationToken cancellation) => inner.ListEpochsAsync(shelf, cancellation);

        public override ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation) =>
            inner.DeleteEpochAsync(shelf, epoch, cancellation);
    }
}
