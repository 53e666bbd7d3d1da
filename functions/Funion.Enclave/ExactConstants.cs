namespace Funion.Enclave;

/// <summary>What is public of a non-linear layer, as words of the arithmetic.</summary>
/// <param name="Offset">2^(t−1), or 0.</param>
/// <param name="Cap">Of a ReLU6, or the greatest number there is.</param>
/// <param name="Least">The least number there is.</param>
/// <param name="Mask">2^l − 1.</param>
readonly record struct ExactConstants<T>(T Offset, T Cap, T Least, T Mask);
