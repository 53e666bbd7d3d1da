using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>How a network is brought to integers.</summary>
/// <param name="Modulus">Z_2^l: 24 bits are enough for calibrated networks with inputs like the samples, 32 leave eight more to spare.</param>
/// <param name="ActivationBits">Magnitude of activations, beyond the sign.</param>
/// <param name="WeightBits">Magnitude of weights, beyond the sign.</param>
/// <param name="Margin">Bits that sums, and what is squared, keep free above the greatest that the samples reach.</param>
/// <param name="SquareBits">Magnitude of what is squared, beyond the sign: squares have twice as many, and go into the next sums as they are.</param>
public sealed record Precision(Modulus Modulus, int ActivationBits = 8, int WeightBits = 7, int Margin = 2, int SquareBits = 6)
{
    /// <summary>Calibrated, 24 bits.</summary>
    public static Precision Calibrated { get; } = new(new Modulus(24));

    /// <summary>32 bits.</summary>
    public static Precision Wide { get; } = new(new Modulus(32));
}
