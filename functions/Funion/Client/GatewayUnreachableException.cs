namespace Funion.Client;

/// <summary>The gateway did not take a packet or answer a poll. The client goes on at its rate and tries again.</summary>
public sealed class GatewayUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
