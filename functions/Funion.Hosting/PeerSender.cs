using System.Collections.Concurrent;
using Funion.Hosting.Hops;
using Funion.Network;
using Funion.Roles;

namespace Funion.Hosting;

/// <summary>Hands messages to other nodes: within the tenant by their queue, to other operators by a signed hop.</summary>
/// <param name="settings">Names the peers.</param>
/// <param name="environment">The node's host's.</param>
sealed class PeerSender(NodeSettings settings, NodeEnvironment environment) : IDisposable
{
    readonly ConcurrentDictionary<string, PacketQueue> _queues = new(StringComparer.Ordinal);
    readonly HopClient _hops = new();

    public async ValueTask SendAsync(NodeGeneration generation, NodeId to, string queue, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        if (generation.Signed.Document.Node(to) is not { } receiver)
        {
            return;
        }
        if (settings.Peers.All)
        {
            await QueueOf(receiver.Name, null, receiver.Name).EnqueueAsync(queue, message, TimeSpan.Zero, cancellation);
        }
        else if (settings.Peers.Find(receiver.Name) is var (service, prefix))
        {
            await QueueOf(receiver.Name, service, prefix).EnqueueAsync(queue, message, TimeSpan.Zero, cancellation);
        }
        else
        {
            await _hops.SendAsync(receiver, generation.Parts.Descriptor.Id, generation.Sign, message, environment.Time.GetUtcNow(), cancellation);
        }
    }

    public void Dispose() => _hops.Dispose();

    PacketQueue QueueOf(string name, Uri? service, string prefix) =>
        _queues.GetOrAdd(name, static (_, at) => at.Environment.PeerQueues(at.Service, at.Prefix), (Environment: environment, Service: service, Prefix: prefix));
}
