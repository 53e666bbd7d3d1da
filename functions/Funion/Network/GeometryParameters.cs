namespace Funion.Network;

/// <summary>What every packet size of the network derives from.</summary>
/// <param name="UserPayload">Bytes.</param>
/// <param name="Hops">Gateway, three mixes, service: 5.</param>
public sealed record GeometryParameters(int UserPayload, int Hops = 5);
