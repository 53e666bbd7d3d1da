using Funion.Pigeonhole;

namespace Funion.Client;

/// <summary>The answer to one read or write.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Data">A read: what the box holds, without padding.</param>
/// <param name="Error">What the replica said.</param>
public sealed record BoxResult(BoxStatus Status, ReadOnlyMemory<byte> Data = default, ReplicaError Error = ReplicaError.None)
{
    /// <summary>Whether asking again, later or elsewhere, would change nothing.</summary>
    public bool IsFinal => Status is BoxStatus.Ok or BoxStatus.Tombstone or BoxStatus.AlreadyExists
        || Error is ReplicaError.InvalidPayload or ReplicaError.InvalidSignature;
}
