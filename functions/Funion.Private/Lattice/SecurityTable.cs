namespace Funion.Private.Lattice;

/// <summary>
/// How large a modulus RLWE may have at each degree: 128 bits of classical security, uniform ternary secrets, noise of standard deviation 3.2.
/// <list type="bullet">
/// <item>References: Homomorphic Encryption Security Standard (HomomorphicEncryption.org, 2018), table 1. The attacks behind it see only the size of q,
/// whether it is a prime or a power of two; and for powers of two decision is as hard as search (Langlois and Stehlé, 2015, by switching of moduli).</item>
/// <item>128 bits are by that table, whose cost models are those of 2018. Newer models of lattice reduction and of dual and hybrid attacks give slightly
/// less; how much, for these parameters, has not been computed here.</item>
/// </list>
/// </summary>
static class SecurityTable
{
    /// <summary>Least standard deviation of the noise that the table speaks of.</summary>
    public const double LeastDeviation = 3.2;

    /// <summary>Greatest number of bits of q; 0 for a degree that is not in the table.</summary>
    public static int MaxModulusBits(int degree) => degree switch
    {
        1_024 => 27,
        2_048 => 54,
        4_096 => 109,
        8_192 => 218,
        16_384 => 438,
        32_768 => 881,
        _ => 0,
    };
}
