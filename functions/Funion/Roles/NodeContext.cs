using Funion.Mixing;
using Funion.Network;

namespace Funion.Roles;

/// <summary>What a node stands in.</summary>
/// <param name="Document">The network.</param>
/// <param name="Send">Hands a message to another node's queue.</param>
/// <param name="Random">Draws.</param>
/// <param name="Time">Clock.</param>
/// <param name="SlotDraws">Draws of a node's slots and reply times, where a test seeds them: what is said then cannot move when it is said.</param>
public sealed record NodeContext(
    NetworkDocument Document, Func<NodeId, string, ReadOnlyMemory<byte>, CancellationToken, ValueTask> Send, RandomSource Random, TimeProvider Time,
    Func<NodeId, RandomSource> SlotDraws);
