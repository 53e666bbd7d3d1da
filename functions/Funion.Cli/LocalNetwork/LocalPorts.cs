using Funion.Roles;

namespace Funion.Cli.LocalNetwork;

/// <summary>The two ports of one node, its own as in the cloud: a storage account per node.</summary>
/// <param name="Store">Values.</param>
/// <param name="Queue">Queues.</param>
/// <param name="Poll">How often to look without being woken; zero where every arrival rings.</param>
sealed record LocalPorts(BoxStore Store, PacketQueue Queue, TimeSpan Poll);
