namespace Funion.Private.Networks;

/// <summary>What came of reading a model file.</summary>
public enum NetworkOutcome
{
    /// <summary>A network.</summary>
    Ok,

    /// <summary>No ONNX file, or one that contradicts itself.</summary>
    Malformed,

    /// <summary>An ONNX file with operators, or uses of them, that have no private counterpart: every one is named.</summary>
    Unsupported,
}
