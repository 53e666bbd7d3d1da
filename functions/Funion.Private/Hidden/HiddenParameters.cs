using System.Security.Cryptography;
using Funion.Private.Lattice;
using Funion.Private.Ring;

namespace Funion.Private.Hidden;

/// <summary>
/// The encryption under which a cloud multiplies weights and activations of which it sees neither.
/// <list type="bullet">
/// <item>Ring Z_q[X]/(X^N + 1), N = 4096, q = p₁·p₂ of two 48-bit primes; secrets uniform in {−1, 0, 1}; noise CBD(21), of deviation 3.24: 128 bits by the table
/// of 2018 in <see cref="SecurityTable"/>, which allows 109 bits.</item>
/// <item>Messages in Z_2^l in the low bits (t = 2^l; as in BGV): a ciphertext (b, a) has b + a·s = t·e + m. q is odd, so t·e is noise as good as e.</item>
/// <item>Two secrets: weights are under s, the model's; inputs under z, which is drawn for each question. (b, a) times (b', a') is (b·b', a·b', b·a', a·a'), read with
/// 1, s, z and s·z: whoever has both needs neither relinearisation nor rotation keys. Under one secret an owner who hands in (0, 1) for a weight would be answered s·x,
/// and read everybody's inputs with s; so it learns what opens its own weights, and z is uniform whatever it knows of s.</item>
/// <item>References: Brakerski, Gentry and Vaikuntanathan, 2012, section 3; Huang, Lu, Hong and Ding (Cheetah), 2022, section 3, for the coefficients.</item>
/// </list>
/// <para>
/// Noise. An answer reads c = Σ over B channel blocks of (t·E + w)·(t·e + x): (b + a·s)·(b' + a'·z) is that product whatever z is, so z adds none. E is of weights under the
/// public key, E = e₀·u + e₁ + e₂·s; e of activations under the secret z, so |e| ≤ 21 always, and v = t·e + x has |v| ≤ 21.5·t and ‖v‖² ≤ N·(21.5·t)². It is exact
/// when |c| &lt; q/2 − p₁.
/// u and s are ternary: at every complex root of X^N + 1 real and imaginary part of u are subgaussian with proxies that sum to N, so |û| ≤ 9.5·√N but for 2^−62, and
/// ‖u·v‖ ≤ 9.5·√N·‖v‖. Given u and s, t·E·v is linear in CBD(21), of proxy 21/2: σ² = t²·21/2·B·N·(21.5·t)²·(1 + 2·90.25·N), and exceeds 9.5·σ with
/// probability below 2^−64. What weights add, ‖w‖₁·21.5·t, is certain. A layer over the budget is refused when it is laid out.
/// </para>
/// </summary>
public sealed class HiddenParameters
{
    /// <summary>Bytes of the seed from which the halves `a` of one message come.</summary>
    public const int SeedSize = LatticeParameters.SeedSize;

    /// <summary>k of CBD(k).</summary>
    internal const int NoisePairs = 21;

    const double Tail = 9.5;

    /// <summary>Parameters for messages in <paramref name="plain"/>, l from 8 to 32.</summary>
    public HiddenParameters(Modulus plain)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(plain.Bits, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plain.Bits, 32);
        if (ResidueRing.ModulusBits > SecurityTable.MaxModulusBits(Ring.Degree) || Math.Sqrt(NoisePairs / 2.0) < SecurityTable.LeastDeviation)
        {
            throw new CryptographicException($"RLWE of degree {Ring.Degree} with {ResidueRing.ModulusBits} bits is below 128 bits.");
        }
        Plain = plain;
    }

    /// <summary>Z_2^l.</summary>
    public Modulus Plain { get; }

    /// <summary>Bytes of one polynomial.</summary>
    public int PolynomialSize => Ring.ByteSize;

    /// <summary>Bytes of a public key.</summary>
    public int PublicKeySize => SeedSize + PolynomialSize;

    /// <summary>What |c| may reach.</summary>
    public static double NoiseBudget => Math.ScaleB(1, ResidueRing.ModulusBits - 1) * 0.999;

    internal ResidueRing Ring { get; } = ResidueRing.Large;

    /// <summary>What |c| stays below, but for probability 2^−64 a coefficient.</summary>
    /// <param name="channelBlocks">B.</param>
    /// <param name="weightNorm">‖w‖₁ of all weights that meet in one coefficient.</param>
    public double NoiseBound(int channelBlocks, double weightNorm)
    {
        double t = Math.ScaleB(1, Plain.Bits), v = (NoisePairs + 0.5) * t, degree = Ring.Degree;
        double sigma = t * v * Math.Sqrt(NoisePairs / 2.0 * channelBlocks * degree * (1 + (2 * Tail * Tail * degree)));
        return (Tail * sigma) + (weightNorm * v);
    }
}
