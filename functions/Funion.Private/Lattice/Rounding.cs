using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>
/// From an answer to exact shares of W·r mod 2^l, without the ±1 that rounding a masked ciphertext brings now and then.
/// <para>
/// The server masks with ρ uniform over all of Z_q, so that what the client decrypts, d = Δ·y + E − ρ, is uniform whatever y and the noise E are: nothing
/// has to be drowned, and E may depend on the weights as it likes. (A multiple of Δ with a flood of noise below would need no rounding, but with noise of
/// 2^17 under Δ = 2^30, at l = 24, it hides to 2^−13 only.) The price is that each party rounds alone. With u = Δ/2 and |E| &lt; u/2 let
/// D = ⌊(d + u/2) / u⌋ and P = ⌊ρ / u⌋, in Z_2^(l+1). Then (D + P)·u + (two remainders below u) = 2u·y + E + u/2, where 0 ≤ E + u/2 &lt; u: so
/// D + P = 2y − c with one unknown carry c in {0, 1}, and by parity c = D₀ ⊕ P₀ for the lowest bits. Therefore
/// <code>y = ⌊D/2⌋ + ⌊P/2⌋ + (D₀ ∨ P₀)   mod 2^l, exactly</code>
/// and D₀ ∨ P₀ = P₀ + D₀·(1 − P₀): one correlated OT an output, choice D₀, correlation 1 − P₀ mod 2^l, all of it offline. Its outputs x (client) and −x'
/// (server), with x − x' = D₀·(1 − P₀), are added below, and every step after is on plain shares mod 2^l: additions, pools, the last layer's opening,
/// and the first adder of a garbled circuit.
/// </para>
/// <para>
/// Cost: one guard bit an output in the answer, and one OT (16 bytes and l bits with IKNP; 4 and l with SoftSpoken, k = 4). Where no OT of integers is at
/// hand, the OR may be the carry-in of the garbled adder: 32 bytes and two more input labels, all offline too, for online only multiples of 2 are added to
/// the server's P. Exact but for the noise bound: 2^−64 an output.
/// </para>
/// <para>
/// Leaks nothing: D and P are each uniform alone; D₀ is a bit of the client's mask, and OT hides it. A server that lies about its correlation moves a
/// result by its lie times D₀, a fresh coin that is used nowhere else; a client that lies about D₀ moves its own share by one.
/// </para>
/// </summary>
public static class Rounding
{
    /// <summary>The client's share: ⌊D/2⌋ + x.</summary>
    public static RingTensor ClientShare(RingTensor decoded, ReadOnlySpan<ulong> received) => Halve(decoded, received, 0);

    /// <summary>The server's share: ⌊P/2⌋ + P₀ − x'.</summary>
    /// <param name="mask">P.</param>
    /// <param name="sent">−x', the message for the choice 0, negated.</param>
    public static RingTensor ServerShare(RingTensor mask, ReadOnlySpan<ulong> sent) => Halve(mask, sent, 1);

    static RingTensor Halve(RingTensor guarded, ReadOnlySpan<ulong> correction, ulong lowest)
    {
        ArgumentNullException.ThrowIfNull(guarded);
        ArgumentOutOfRangeException.ThrowIfNotEqual(correction.Length, guarded.Shape.Count);
        Modulus plain = new(guarded.Modulus.Bits - 1);
        RingTensor share = new(plain, guarded.Shape);
        ReadOnlySpan<ulong> elements = guarded.Elements;
        for (int i = 0; i < elements.Length; i++)
        {
            share.Elements[i] = unchecked((elements[i] >> 1) + (elements[i] & lowest) + correction[i]) & plain.Mask;
        }
        return share;
    }
}
