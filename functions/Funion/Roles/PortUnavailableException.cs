namespace Funion.Roles;

/// <summary>A port could not be reached; the work is unfinished and safe to repeat.</summary>
public class PortUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
