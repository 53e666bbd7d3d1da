using System.Runtime.Intrinsics.X86;

namespace Funion.Cryptography;

/// <summary>How many blocks of <see cref="Polyval"/> one carry-less multiplication takes. All give the same hash.</summary>
enum CarrylessWidth
{
    /// <summary>No such instruction: multiplied in constant time by other means.</summary>
    Portable,

    /// <summary>PCLMULQDQ.</summary>
    One,

    /// <summary>VPCLMULQDQ over 256 bits.</summary>
    Two,

    /// <summary>VPCLMULQDQ over 512 bits.</summary>
    Four,
}

/// <summary>What this processor does best.</summary>
static class CarrylessWidths
{
    public static CarrylessWidth Best { get; } =
        Pclmulqdq.V512.IsSupported ? CarrylessWidth.Four
        : Pclmulqdq.V256.IsSupported ? CarrylessWidth.Two
        : Pclmulqdq.IsSupported ? CarrylessWidth.One
        : CarrylessWidth.Portable;
}
