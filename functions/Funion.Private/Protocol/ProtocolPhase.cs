namespace Funion.Private.Protocol;

/// <summary>Before and after the input exists.</summary>
public enum ProtocolPhase
{
    /// <summary>Before.</summary>
    Offline,

    /// <summary>After.</summary>
    Online,
}
