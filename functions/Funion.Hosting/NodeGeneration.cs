using Funion.Client;
using Funion.Hosting.Hops;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Hosting;

/// <summary>A node with one network document and one set of keys. When either turns, the next generation begins over the same ports.</summary>
public sealed class NodeGeneration : IDisposable
{
    readonly CancellationTokenSource _ended = new();
    readonly NodeKeys _keys;

    internal NodeGeneration(SignedNetworkDocument signed, NodeKeys keys, NodeSettings settings, NodeEnvironment environment, PeerSender peers)
    {
        Signed = signed;
        _keys = keys;
        NodePace pace = environment.Pace ?? settings.LatencyProfile.Pace();
        NodeContext context = new(
            signed.Document, (to, queue, message, cancellation) => peers.SendAsync(this, to, queue, message, cancellation), environment.Random,
            environment.Time, _ => environment.Random);
        NodeDescriptor self = signed.Document.Node(keys.Id)!;
        if (self.Role == NodeRole.Compute)
        {
            NodeDescriptor gateway = signed.Document.Gateways[0];
            SphinxGeometry geometry = new(signed.Document.Geometry.UserPayload, signed.Document.Geometry.Hops);
            Uri address = Uri.TryCreate(gateway.Address, UriKind.Absolute, out Uri? found)
                ? found
                : throw new PortUnavailableException($"{gateway.Name} has no address in the document, and compute asks through it.");
            Gateway = new HttpGatewayConnection(address, signed.Document.Mailbox.PacketsPerPoll * MailboxAnswer.EntrySize(geometry));
            Compute = new ComputeParts(
                signed.Document, keys, environment.Ports.Store, Gateway,
                environment.Run ?? throw new NodeSettingsException(NodeSettings.NameOf(nameof(NodeSettings.Role)), "is compute, and this host runs no models"),
                dummies: true, environment.Random, environment.Time, environment.OwnClock);
        }
        Parts = NodeParts.Create(context, keys, environment.Ports, pace, Compute is null ? null : Compute.Accept);
        Triggers = new NodeTriggers(Parts, environment.Ports.Queue, pace, environment.Random, environment.Time, _ended.Token);
        Sign = environment.Signer(keys);
    }

    /// <summary>The network.</summary>
    public SignedNetworkDocument Signed { get; }

    /// <summary>The node.</summary>
    public NodeParts Parts { get; }

    /// <summary>What the host's triggers call.</summary>
    public NodeTriggers Triggers { get; }

    /// <summary>What a compute node has beyond a hop.</summary>
    public ComputeParts? Compute { get; }

    /// <summary>Cancelled when the next generation has begun.</summary>
    public CancellationToken Ended => _ended.Token;

    internal NodeSigner Sign { get; }

    HttpGatewayConnection? Gateway { get; }

    /// <summary>Whether the same keys and document would make the same generation.</summary>
    internal bool Is(SignedNetworkDocument signed, NodeKeys keys) =>
        signed.Document.Version == Signed.Document.Version && signed.Document.Hash().AsSpan().SequenceEqual(Signed.Document.Hash())
        && Epochs(keys).SequenceEqual(Epochs(_keys));

    internal void End()
    {
        _ended.Cancel();
        Compute?.Engine.End();
    }

    /// <summary>Wipes its keys; nothing may be under way in it.</summary>
    public void Dispose()
    {
        End();
        Compute?.Dispose();
        Gateway?.Dispose();
        Parts.Dispose();
        _keys.Dispose();
        _ended.Dispose();
    }

    static IEnumerable<(long, string)> Epochs(NodeKeys keys) => keys.Keys.Concat(keys.JobKeys).Select(key => (key.Epoch, Convert.ToHexString(key.PublicKey)));
}
