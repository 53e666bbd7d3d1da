using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>What a service hop delivers once its delay has passed. Every request is answered by exactly one reply through its SURB.</summary>
/// <param name="Recipient">The endpoint.</param>
/// <param name="Surb">Single-use reply block, one SURB long. Never stored by the service.</param>
/// <param name="Payload">One user payload of the geometry.</param>
public sealed record ServiceRequest(RecipientId Recipient, ReadOnlyMemory<byte> Surb, ReadOnlyMemory<byte> Payload);
