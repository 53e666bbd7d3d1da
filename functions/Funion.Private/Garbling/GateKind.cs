namespace Funion.Private.Garbling;

/// <summary>What a gate computes, and which of its inputs are taken inverted. Inversion is free: the garbler swaps the two labels.</summary>
[Flags]
enum GateKind : byte
{
    /// <summary>Exclusive or: free.</summary>
    Xor = 0,

    /// <summary>And: two ciphertexts.</summary>
    And = 1,

    /// <summary>The left input is inverted. Only of <see cref="And"/>: behind an exclusive or, an inversion moves on.</summary>
    InvertLeft = 2,

    /// <summary>The right input is inverted.</summary>
    InvertRight = 4,
}
