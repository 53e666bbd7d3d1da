using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.InteropServices;
using Funion.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>
/// The hash of half-gates, and of products by transfer: AES-128 in Matyas–Meyer–Oseas form behind a linear orthomorphism, under a key for each tweak.
/// <code>
/// σ(high ‖ low) = (high ⊕ low) ‖ high        H(x, i) = E_{start ⊕ i}(σ(x)) ⊕ σ(x)
/// </code>
/// One fixed key for all gates would be a few per cent faster, but then an attacker who computes E for 2¹²⁸/q guesses of Δ meets one of q gates: for 10⁸
/// gates, and for every session in the world at once, that is less than 100 bits. Here a tweak's key is used for the two halves of one gate in
/// <see cref="Lanes"/> instances, 64 blocks, of which the evaluator cannot compute half. With u uses of one tweak the advantage of p calls to the
/// cipher is at most about 2u·p/2¹²⁸ however many gates, sessions and users there are, u = 32 and Δ with 127 secret bits:
/// 121 bits, less those that a receiver guessed in the transfers. The start of the keys is random for each batch, so that tweaks of different batches
/// do not coincide.
/// <para>
/// Within a tweak all inputs must differ. They are labels of different wires or instances, whose active ones are uniform and not chosen by the evaluator,
/// and an and gate never has one label on both sides (the circuit builder sees to that).
/// </para>
/// <list type="bullet">
/// <item>References: Guo, Katz, Wang and Yu (IEEE S&amp;P 2020) for the circular correlation robustness of MMO with σ; Guo, Katz, Wang, Weng and Yu (CRYPTO 2020), the
/// construction "MITCCRH" and its bound in the multi-instance setting.</item>
/// <item>Assumption: AES-128 an ideal cipher.</item>
/// </list>
/// </summary>
static class LabelHash
{
    /// <summary>Instances that are garbled side by side and share the keys of their gates.</summary>
    public const int Lanes = 16;

    /// <summary>Round keys of four consecutive tweaks.</summary>
    public const int FourKeys = 4 * Aes128.RoundKeys;

    /// <summary>Expands the keys of tweaks (high, low), (high, low + 1), (high, low + 2) and (high, low + 3).</summary>
    public static void Expand(Label start, ulong high, ulong low, Span<Label> roundKeys)
    {
        unchecked
        {
            Aes128.ExpandFour(
                start ^ Tweak(high, low), start ^ Tweak(high, low + 1), start ^ Tweak(high, low + 2), start ^ Tweak(high, low + 3), roundKeys);
        }
    }

    /// <summary>The linear orthomorphism: x ↦ σ(x) and x ↦ σ(x) ⊕ x are both permutations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Label Sigma(Label x)
    {
        Vector128<ulong> halves = x.AsUInt64();
        return (Vector128.Shuffle(halves, Vector128.Create(1UL, 0)) ^ (halves & Vector128.Create(0, ulong.MaxValue))).AsByte();
    }

    /// <summary>All ones where the label's colour, bit 127, is set; otherwise zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Label Colour(Label label) =>
        Vector128.ShiftRightArithmetic(Vector128.Shuffle(label.AsInt32(), Vector128.Create(3)), 31).AsByte();

    /// <summary>H(x, i) of one label: <paramref name="keys"/> is the first round key of its tweak.</summary>
    public static Label Hash(ref Label keys, Label x)
    {
        Label input = Sigma(x);
        return Aes128.Encrypt(MemoryMarshal.CreateReadOnlySpan(ref keys, Aes128.RoundKeys), input) ^ input;
    }

    static Label Tweak(ulong high, ulong low) => Vector128.Create(low, high).AsByte();
}
