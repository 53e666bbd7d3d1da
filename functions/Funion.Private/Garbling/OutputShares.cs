using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Garbling;

/// <summary>
/// From labels of an output bit b to shares of b mod 2ˢ that neither party chose: what saves the subtraction of a mask in the circuit, s − 1 ands, where
/// the result is a bit or two and goes into sums.
/// <code>
/// K⁰, K¹ the labels of colour 0 and 1; p the bit that K⁰ means; h = low s bits of H
/// garbler     share p − h(K⁰);   τ = h(K⁰) − h(K¹) + 1 − 2p mod 2ˢ                          → τ, s bits an output, in place of its colour
/// evaluator   share h(K) + colour·τ
/// </code>
/// τ is under the h of the label that the evaluator lacks, so uniform to it; the garbler sees nothing. A key for each output (<see cref="LabelHash"/>, u = 2), under
/// a label of its own, so that no gate's hash is used again.
/// <list type="bullet">
/// <item>References: Ball, Malkin and Rosulek (CCS 2016), projection gates; Asharov, Lindell, Schneider and Zohner (CCS 2013), correlated transfer.</item>
/// </list>
/// </summary>
static class OutputShares
{
    /// <summary>The hashes of one batch.</summary>
    public static WordHashes Hashes(in Bytes32 session, ulong number, ReadOnlySpan<byte> seed, Span<Label> keys) =>
        new("funion-gc-shares-v1"u8, session, number, seed, keys);

    /// <summary>Garbler: of the labels that mean 0, its shares and τ of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Garble(ref WordHashes hashes, int bits, Label delta, Span<Label> zero, Span<ulong> corrections, Span<ulong> shares)
    {
        ulong mask = ulong.MaxValue >> (64 - bits);
        unchecked
        {
            for (int i = 0; i < zero.Length; i++)
            {
                // Of colour 0 is the one that means 0, or the other: its colour says which.
                Label colour = LabelHash.Colour(zero[i]), first = zero[i] ^ (delta & colour);
                ulong meaning = (ulong)(colour.GetElement(15) & 1);
                hashes.Next();
                ulong h0 = hashes.Word(first), h1 = hashes.Word(first ^ delta);
                corrections[i] = (h0 - h1 + 1 - (2 * meaning)) & mask;
                shares[i] = (meaning - h0) & mask;
            }
        }
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(zero));
    }

    /// <summary>Evaluator: of the active labels and, in <paramref name="words"/>, τ of each, its shares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Evaluate(ref WordHashes hashes, int bits, Span<Label> active, Span<ulong> words)
    {
        ulong mask = ulong.MaxValue >> (64 - bits);
        unchecked
        {
            for (int i = 0; i < active.Length; i++)
            {
                ulong colour = (ulong)(LabelHash.Colour(active[i]).GetElement(15) & 1);
                hashes.Next();
                words[i] = (hashes.Word(active[i]) + (words[i] & (0UL - colour))) & mask;
            }
        }
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(active));
    }
}
