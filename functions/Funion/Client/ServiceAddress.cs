using Funion.Network;
using Funion.Sphinx;

namespace Funion.Client;

/// <summary>An endpoint at a service node.</summary>
public sealed record ServiceAddress(NodeDescriptor Node, RecipientId Recipient);
