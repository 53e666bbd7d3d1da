using System.Runtime.Intrinsics;

namespace Funion.Private.Ring;

/// <summary>How wide a kernel works. All widths give the same words.</summary>
enum VectorWidth
{
    /// <summary>One word at a time.</summary>
    Scalar,

    /// <summary>AVX2, or whatever the platform makes of 256 bits.</summary>
    Four,

    /// <summary>AVX-512.</summary>
    Eight,
}

/// <summary>What this processor does best.</summary>
static class VectorWidths
{
    public static VectorWidth Best { get; } = Vector512.IsHardwareAccelerated ? VectorWidth.Eight : Vector256.IsHardwareAccelerated ? VectorWidth.Four : VectorWidth.Scalar;
}
