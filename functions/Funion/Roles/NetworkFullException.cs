namespace Funion.Roles;

/// <summary>
/// A gateway turned a packet away: what it admits is as much as the network carries. Which packet is chance, so the sender tries again in a slot of its own, at its own rate.
/// </summary>
public sealed class NetworkFullException() : PortUnavailableException("The network is full.");
