namespace Funion.Private.Lattice;

/// <summary>What a layout is chosen by.</summary>
/// <param name="Degree">N.</param>
/// <param name="MostFilters">Filters that may share a block, for the sake of noise.</param>
/// <param name="Ciphertext">Of a ciphertext of the input: its bytes.</param>
/// <param name="Answer">Of a ciphertext of the output: its bytes.</param>
/// <param name="Weights">Of a polynomial of weights.</param>
readonly record struct BlockCosts(int Degree, int MostFilters, long Ciphertext, long Answer, long Weights);
