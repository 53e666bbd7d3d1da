using Funion.Network;
using Funion.Sphinx;

namespace Funion.Tests.Client;

/// <summary>What the network knows of one packet after it was peeled to the end: more than anybody in it.</summary>
sealed record SeenPacket(
    DateTimeOffset At, int Size, NodeId Service, RecipientId Recipient, byte[] Payload, IReadOnlyList<NodeId> Path, SurbId Surb, NodeId ReplyTo);
