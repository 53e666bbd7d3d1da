using Funion.Network;

namespace Funion.Sphinx;

/// <summary>One hop of a path, as the packet's author chose it.</summary>
/// <param name="Node">Where.</param>
/// <param name="PublicKey">The hop's KEM key of this epoch.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="DelayMilliseconds">How long the hop holds the packet.</param>
public sealed record PathHop(NodeId Node, ReadOnlyMemory<byte> PublicKey, long Epoch, uint DelayMilliseconds);
