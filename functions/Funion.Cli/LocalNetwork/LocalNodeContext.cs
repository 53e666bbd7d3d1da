using Funion.Mixing;
using Funion.Network;

namespace Funion.Cli.LocalNetwork;

/// <summary>What the nodes of a local network have in common.</summary>
/// <param name="Document">The network.</param>
/// <param name="Send">Hands a message to another node's queue.</param>
/// <param name="Random">Draws.</param>
/// <param name="Time">Clock.</param>
sealed record LocalNodeContext(
    NetworkDocument Document, Func<NodeId, string, ReadOnlyMemory<byte>, CancellationToken, ValueTask> Send, RandomSource Random, TimeProvider Time);
