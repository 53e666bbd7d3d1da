using Funion.Mixing;
using Funion.Network;

namespace Funion.Cli.LocalNetwork;

/// <summary>What the nodes of a local network have in common.</summary>
/// <param name="Document">The network.</param>
/// <param name="Send">Hands a message to another node's queue.</param>
/// <param name="Random">Draws.</param>
/// <param name="Time">Clock.</param>
/// <param name="Links">Counts what goes from node to node.</param>
/// <param name="SlotDraws">Draws of a node's slots and reply times, where a test seeds them: what is said then cannot move when it is said.</param>
sealed record LocalNodeContext(
    NetworkDocument Document, Func<NodeId, string, ReadOnlyMemory<byte>, CancellationToken, ValueTask> Send, RandomSource Random, TimeProvider Time,
    LinkCounters Links, Func<NodeId, RandomSource> SlotDraws);
