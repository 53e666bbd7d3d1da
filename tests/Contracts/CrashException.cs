namespace Funion.Contracts;

/// <summary>The process died here. Nothing of ours catches it.</summary>
public sealed class CrashException() : Exception("crash");
