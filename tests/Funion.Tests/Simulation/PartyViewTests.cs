using System.Runtime.InteropServices;
using System.Text;
using Funion.Bacap;
using Funion.Cli.LocalNetwork;
using Funion.Inference;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Tests.Simulation;

/// <summary>
/// Walks what every party holds during one question and finds nothing that the table of section 1 forbids it. Each needle is found where it belongs,
/// so the search can fail.
/// </summary>
public sealed class PartyViewTests
{
    static readonly float[] s_question = [1.2345678f, -9.876543f, 0.31415927f, 2.7182818f];

    [Fact]
    public void No_party_holds_what_it_must_never_learn()
    {
        Dictionary<string, PartyView> views = [];
        using SimulatedNetwork network = new(dummies: false, wrap: (ports, name) =>
        {
            PartyView view = views[name] = new PartyView();
            return ports with { Store = new PartyView.Store(ports.Store, view), Queue = new PartyView.Queue(ports.Queue, view) };
        });
        Job? job = null;
        byte[] output = [];
        InferenceAnswer answer = network.Run.Until(
            network.Client.InferAsync("doubler", [Tensor.Of("x", [1, 4], s_question)], TimeSpan.FromSeconds(5), null, told => (job, output) = (told, told.Output.ToBytes()), default),
            TimeSpan.FromMinutes(5));
        network.Run.For(TimeSpan.FromMinutes(1));

        byte[][] boxes = [.. Boxes(job!.Input, job.InputBoxes), .. Boxes(job.Output.ToReadCapability(), job.OutputBoxes)];
        byte[][] content =
        [
            MemoryMarshal.AsBytes(s_question.AsSpan()).ToArray(), answer.Tensors![0].Data.ToArray(), job.Nonce.ToArray(), Encoding.ASCII.GetBytes("doubler"),
            job.Input.RootPublicKey.ToArray(), output[..32], job.Output.ToReadCapability().RootPublicKey.ToArray(),
            job.Input.First.ToBytes()[8..], job.Output.First.ToBytes()[8..],
        ];
        byte[][] mailboxes = Mailboxes(network);
        Assert.NotEmpty(mailboxes);

        foreach ((string name, PartyView view) in views)
        {
            bool gateway = name.StartsWith("gateway", StringComparison.Ordinal), replica = name.StartsWith("replica", StringComparison.Ordinal);
            Assert.All(content, needle => Assert.False(view.Contains(needle), $"{name} holds content"));
            Assert.True(replica || !boxes.Any(needle => view.Contains(needle)), $"{name} holds a box id");
            Assert.True(gateway || !mailboxes.Any(needle => view.Contains(needle)), $"{name} holds a mailbox id");
        }

        // The controls: the same search finds each where it belongs.
        // Both shards store it; a replica that mended one of them had it in hand, too.
        Assert.All(boxes, needle => Assert.Equal(
            ShardMap.Copies, network.Ports.Count(ports => ports.Key.StartsWith("replica", StringComparison.Ordinal) && Stores(ports.Value, needle))));
        Assert.All(boxes, needle => Assert.True(views.Count(view => view.Value.Contains(needle)) >= ShardMap.Copies));
        Assert.All(mailboxes, needle => Assert.True(views["gateway-0"].Contains(needle)));
    }

    [Fact]
    public void Everything_that_travels_has_one_size()
    {
        Dictionary<string, PartyView> views = [];
        using SimulatedNetwork network = new(wrap: (ports, name) =>
        {
            PartyView view = views[name] = new PartyView();
            return ports with { Queue = new PartyView.Queue(ports.Queue, view) };
        });
        network.Run.Until(
            network.Client.InferAsync("doubler", [Tensor.Of("x", [1, 4], s_question)], TimeSpan.FromSeconds(5), null, null, default),
            TimeSpan.FromMinutes(5));
        int packet = new SphinxGeometry(network.Document.Geometry.UserPayload).PacketSize;
        int command = new PigeonholeGeometry(network.Document.Geometry.UserPayload).CommandSize;
        (string Queue, int Size)[] messages = [.. views.Values.SelectMany(view => view.Messages)];
        Assert.All(messages.Where(message => message.Queue is "gateway-in" or "mix-in" or "courier-in" or "compute-in"), message => Assert.Equal(packet, message.Size));
        Assert.All(messages.Where(message => message.Queue is "replica-in" or "courier-replies"), message => Assert.Equal(command, message.Size));
        foreach (string queue in (string[])["gateway-in", "mix-in", "courier-in", "compute-in", "replica-in", "courier-replies"])
        {
            Assert.Contains(messages, message => message.Queue == queue);
        }
        Assert.All(messages.GroupBy(message => message.Queue).Where(group => group.Key.EndsWith("-out", StringComparison.Ordinal)),
            group => Assert.Single(group.Select(message => message.Size).Distinct()));
    }

    static bool Stores(LocalPorts ports, byte[] box) => ports.Store.ListEpochsAsync(ReplicaRole.Shelf, default).ToBlockingEnumerable()
        .Any(epoch => ports.Store.ListAsync(ReplicaRole.Shelf, epoch, Convert.ToHexStringLower(box), default).ToBlockingEnumerable().Any());

    static IEnumerable<byte[]> Boxes(ReadCapability capability, int count)
    {
        MessageBoxIndex? index = capability.First;
        for (int i = 0; i < count; i++)
        {
            yield return capability.BoxIdAt(index!, BacapContext.Pigeonhole).AsSpan().ToArray();
            index!.TryNext(out index);
        }
    }

    /// <summary>Ids of the mailboxes as the gateway's store names them.</summary>
    static byte[][] Mailboxes(SimulatedNetwork network)
    {
        long epoch = network.Document.EpochAt(network.Time.GetUtcNow());
        IEnumerable<string> names = network.Ports["gateway-0"].Store.ListAsync(GatewayRole.MailboxShelf, epoch, "", default).ToBlockingEnumerable();
        return [.. names.Select(name => name.Split('/')[0]).Distinct().Select(Convert.FromHexString)];
    }
}
