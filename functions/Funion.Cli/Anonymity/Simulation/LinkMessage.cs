using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>What travels between couriers and replicas instead of a decoy of the same size.</summary>
/// <param name="Kind">A <see cref="ReplicaCommandKind"/>; answers to couriers are <see cref="ReplicaCommandKind.ProxyAnswer"/> too, for they are told by the receiver.</param>
/// <param name="Envelope">The request; null for a copy to the other shard.</param>
/// <param name="Index">Which of its intermediates it is about.</param>
/// <param name="Courier">Where the answer goes in the end.</param>
/// <param name="Answer">What a shard said.</param>
/// <param name="IsLast">The other shard was asked before.</param>
/// <param name="Box">The box that is copied to the other shard.</param>
/// <param name="Tombstone">Whether that is its tombstone.</param>
sealed record LinkMessage(
    ReplicaCommandKind Kind, SimEnvelope? Envelope = null, int Index = 0, int Courier = 0, ReplicaError Answer = ReplicaError.None, bool IsLast = false,
    SimBox? Box = null, bool Tombstone = false);
