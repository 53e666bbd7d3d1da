using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Roles;

/// <summary>What lies in a queue of the stage: a message, or a request that a courier has to answer.</summary>
sealed record Parcel(NodeId To, string Queue, ReadOnlyMemory<byte> Message, ServiceRequest? Request = null);
