namespace Funion.Private.Garbling;

/// <summary>What an activation does to a value after truncation.</summary>
enum Rectifier
{
    /// <summary>Nothing: truncation, pooling and re-masking alone.</summary>
    None,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), limit): ReLU6 with limit = 6 in the truncated scale.</summary>
    Clamp,
}
