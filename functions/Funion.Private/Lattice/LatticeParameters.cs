using System.Security.Cryptography;
using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>
/// Everything that encryptions of a linear layer depend on, and every size on the wire.
/// <list type="bullet">
/// <item>Ring Z_q[X]/(X^N + 1), N = 2048, q = 2^54; secrets uniform in {−1, 0, 1}; noise CBD(21), of deviation 3.24; 128 bits by
/// the table of 2018 in <see cref="SecurityTable"/>.</item>
/// <item>Messages in Z_2^l, scaled by Δ = 2^(54−l). An answer is decrypted to l + 1 bits, steps of u = Δ/2 (see <see cref="Rounding"/>).</item>
/// <item>Ciphertext of a client: `a` from a seed, `b` of N · 54 bits: 13,824 B. Answer: `a` of N · (l + 11) bits, and l + 3 bits for each output.</item>
/// <item>References: Cheetah (Huang, Lu, Hong and Ding, 2022), sections 3 and 4, for encoding and for dropping low bits.</item>
/// </list>
/// <para>
/// Noise. An output decrypts to Δ·y + E with E = Σ w·e + u·e_pk + e₂·s + Σ δ·s + δ_b: the noise of the client's ciphertexts under weights w, the fresh
/// encryption of zero, the low bits dropped from `a` (δ uniform in ±2^(t_a−1), as `a` is by its seed and by pa·u) and from `b` (|δ_b| ≤ 2^(t_b−1)).
/// e fills all N coefficients, and the server multiplies with the polynomial of a whole filter block: so every output collects the noise of all M' filters
/// of its block, and ‖w‖² ≤ M'·FanIn·bound², not that of its own filter alone.
/// CBD(21) is a sum of 21 differences of two coins, each subgaussian with proxy 1/2, so 21/2 in all; a uniform δ has its variance 2^(2·t_a)/12 for proxy.
/// Hence but for δ_b, E is subgaussian with σ² = 21/2·(‖w‖² + 2N) + N·2^(2·t_a)/12, and |E| &gt; 9.5·σ + 2^(t_b−1) has probability below
/// 2·exp(−9.5²/2) &lt; 2^−64 for one output: below 2^−40 in an inference of sixteen million. A layer whose bound is over u/2 is refused when it is laid
/// out, not noticed by wrong results.
/// </para>
/// </summary>
public sealed class LatticeParameters
{
    /// <summary>Bytes of the seed from which the halves `a` of one message come.</summary>
    public const int SeedSize = 32;

    /// <summary>How many deviations of a subgaussian have probability 2^−64.</summary>
    const double Tail = 9.5;

    /// <summary>Parameters for messages in <paramref name="plain"/>, l from 8 to 40.</summary>
    public LatticeParameters(Modulus plain) : this(2_048, 54, 21, plain)
    {
    }

    /// <summary>Other parameters; those that the security table does not cover are refused.</summary>
    internal LatticeParameters(int degree, int modulusBits, int noisePairs, Modulus plain)
    {
        if (modulusBits > SecurityTable.MaxModulusBits(degree) || modulusBits > 64 || Math.Sqrt(noisePairs / 2.0) < SecurityTable.LeastDeviation)
        {
            throw new CryptographicException($"RLWE of degree {degree} with q = 2^{modulusBits} and CBD({noisePairs}) is below 128 bits.");
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(noisePairs, 32);
        ArgumentOutOfRangeException.ThrowIfLessThan(plain.Bits, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plain.Bits, modulusBits - 14);
        Degree = degree;
        ModulusBits = modulusBits;
        NoisePairs = noisePairs;
        Plain = plain;
    }

    /// <summary>N.</summary>
    public int Degree { get; }

    /// <summary>log2 q.</summary>
    public int ModulusBits { get; }

    /// <summary>k of CBD(k).</summary>
    public int NoisePairs { get; }

    /// <summary>Z_2^l, the ring of messages.</summary>
    public Modulus Plain { get; }

    /// <summary>Z_2^(l+1), the ring of what is decrypted: one guard bit more.</summary>
    public Modulus Guarded => new(Plain.Bits + 1);

    /// <summary>q − 1.</summary>
    internal ulong Mask => ulong.MaxValue >> (64 - ModulusBits);

    /// <summary>log2 Δ.</summary>
    internal int MessageShift => ModulusBits - Plain.Bits;

    /// <summary>log2 u.</summary>
    internal int GuardShift => MessageShift - 1;

    /// <summary>t_a: their sum, rounded off by 13·9.5 in place of 2^t_a, stays under u/8.</summary>
    internal int DroppedOfA => Math.Max(0, GuardShift - 10);

    /// <summary>t_b: half of 2^t_b is u/8.</summary>
    internal int DroppedOfB => GuardShift - 2;

    /// <summary>Bytes of one ciphertext of a client, without the seed.</summary>
    public int CiphertextSize => BitPacking.ByteSize(Degree, ModulusBits);

    /// <summary>Bytes of a public key.</summary>
    public int PublicKeySize => SeedSize + CiphertextSize;

    /// <summary>Bytes of the half `a` of an answer.</summary>
    public int AnswerMaskSize => BitPacking.ByteSize(Degree, ModulusBits - DroppedOfA);

    /// <summary>Bits of one output in an answer.</summary>
    public int AnswerBits => ModulusBits - DroppedOfB;

    /// <summary>What |E| may reach: u/2.</summary>
    public double NoiseBudget => Math.ScaleB(1, GuardShift - 1);

    /// <summary>What |E| stays below but for probability 2^−64 an output, for multipliers of this squared norm: all filters of a block, see <see cref="LinearLayout"/>.</summary>
    public double NoiseBound(double squaredNorm)
    {
        double fresh = NoisePairs / 2.0 * (squaredNorm + (2.0 * Degree)), dropped = Degree * Math.ScaleB(1, 2 * DroppedOfA) / 12;
        return (Tail * Math.Sqrt(fresh + dropped)) + Math.ScaleB(1, DroppedOfB - 1);
    }
}
