namespace Funion.Roles;

/// <summary>The two ports of one node, in the cloud a storage account of its own.</summary>
/// <param name="Store">Values.</param>
/// <param name="Queue">Queues.</param>
public sealed record NodePorts(BoxStore Store, PacketQueue Queue);
