using System.Runtime.CompilerServices;
using Funion.Private.Transfer;
using BitPacking = Funion.Private.Transfer.BitPacking;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Protocol;

/// <summary>
/// The OR of <see cref="Lattice.Rounding"/> by the transfers that carry labels. There the client chooses; an OR is the same from either side, so that one
/// session of transfers, whose sender is the client, serves: choice P₀, the server's; correlation δ = 1 − D₀, the client's.
/// <code>
/// server   d = b ⊕ P₀                                                                  → d, a bit an output
/// client   u_c = H(K₀ ⊕ (c ⊕ d)·Δ, i);   τ = u₀ + δ − u₁ mod 2ˡ;   share −u₀                → τ, l bits an output
/// server   share u_{P₀} + P₀·τ = u₀ + P₀·δ
/// D₀ ∨ P₀ = D₀ + P₀·(1 − D₀), so y = ⌊D/2⌋ + D₀ − u₀ + ⌊P/2⌋ + u₀ + P₀·δ
/// </code>
/// d is P₀ under a one-time pad, τ hides δ under the u that the server does not have. Who lies moves a result by one: nothing that it could not do with its share.
/// <list type="bullet">
/// <item>References: Beaver (CRYPTO 1995) for choices later; Asharov, Lindell, Schneider and Zohner (CCS 2013), section 5, for correlated transfer.</item>
/// </list>
/// </summary>
static class RoundingTransfer
{
    /// <summary>d in place of b.</summary>
    public static void Choose(ReadOnlySpan<ulong> masks, Span<byte> choices)
    {
        for (int i = 0; i < masks.Length; i++)
        {
            choices[i / 8] ^= (byte)((masks[i] & 1) << (i % 8));
        }
    }

    /// <summary>The client: from d, K₀ and what it decoded, its share of the ORs without D₀, and τ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Correct(
        in Bytes32 session, ulong number, Label delta, ReadOnlySpan<byte> choices, ReadOnlySpan<Label> zero, ReadOnlySpan<ulong> decoded, ulong mask,
        Span<ulong> corrections, Span<ulong> shares)
    {
        WordHashes hashes = new("funion-ot-rounding-v1"u8, session, number, [], stackalloc Label[LabelHash.FourKeys]);
        unchecked
        {
            for (int i = 0; i < zero.Length; i++)
            {
                hashes.Next();
                Label first = zero[i] ^ BitPacking.Masked(delta, choices, i);
                ulong u0 = hashes.Word(first), u1 = hashes.Word(first ^ delta);
                corrections[i] = (u0 + ((decoded[i] & 1) ^ 1) - u1) & mask;
                shares[i] = (0UL - u0) & mask;
            }
        }
        hashes.Wipe();
    }

    /// <summary>The server: from K_b, its own masks and τ, its share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Receive(
        in Bytes32 session, ulong number, ReadOnlySpan<Label> chosen, ReadOnlySpan<ulong> masks, ReadOnlySpan<ulong> corrections, ulong mask, Span<ulong> shares)
    {
        WordHashes hashes = new("funion-ot-rounding-v1"u8, session, number, [], stackalloc Label[LabelHash.FourKeys]);
        unchecked
        {
            for (int i = 0; i < chosen.Length; i++)
            {
                hashes.Next();
                shares[i] = (hashes.Word(chosen[i]) + (corrections[i] & (0UL - (masks[i] & 1)))) & mask;
            }
        }
        hashes.Wipe();
    }
}
