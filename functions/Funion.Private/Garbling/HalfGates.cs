using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Funion.Cryptography;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Garbling;

/// <summary>
/// One gate of <see cref="LabelHash.Lanes"/> instances. A wire's labels are W₀ and W₁ = W₀ ⊕ Δ; their colours, bit 127, differ.
/// <code>
/// garbler    p_a, p_b = colours of A₀, B₀
///            T_G = H(A₀) ⊕ H(A₁) ⊕ p_b·Δ                T_E = H(B₀) ⊕ H(B₁) ⊕ A₀
///            W₀  = H(A₀) ⊕ p_a·T_G ⊕ H(B₀) ⊕ p_b·(T_E ⊕ A₀)
/// evaluator  W   = H(A) ⊕ colour(A)·T_G ⊕ H(B) ⊕ colour(B)·(T_E ⊕ A)
/// </code>
/// Eight blocks in flight; every choice is a mask. Labels of one wire lie side by side, one for each instance; a table is T_G ‖ T_E.
/// <list type="bullet">
/// <item>References: Zahur, Rosulek and Evans, "Two Halves Make a Whole" (EUROCRYPT 2015), figure 2; Kolesnikov and Schneider (ICALP 2008) for free XOR.</item>
/// </list>
/// </summary>
static class HalfGates
{
    const int Lanes = LabelHash.Lanes;

    /// <summary>W = A ⊕ B, for both parties.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Xor(ref Label left, ref Label right, ref Label target)
    {
        ref byte a = ref Unsafe.As<Label, byte>(ref left), b = ref Unsafe.As<Label, byte>(ref right), w = ref Unsafe.As<Label, byte>(ref target);
        for (nuint i = 0; i < Lanes * 16; i += 64)
        {
            (Vector512.LoadUnsafe(ref a, i) ^ Vector512.LoadUnsafe(ref b, i)).StoreUnsafe(ref w, i);
        }
    }

    /// <summary>Garbles an and gate: <paramref name="left"/> and <paramref name="right"/> hold A₀ and B₀ but for the inversions, Δ or zero.</summary>
    // Straight to optimised code: a cold batch would otherwise run for a while without inlining, fifty times slower.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Garble(
        ref Label keys, ref Label left, ref Label right, ref Label target, ref Label table, Label invertLeft, Label invertRight, Label delta)
    {
        Label sigmaDelta = LabelHash.Sigma(delta);
        for (int lane = 0; lane < Lanes; lane += 2)
        {
            Label a = Unsafe.Add(ref left, lane) ^ invertLeft, b = Unsafe.Add(ref right, lane) ^ invertRight;
            Label c = Unsafe.Add(ref left, lane + 1) ^ invertLeft, d = Unsafe.Add(ref right, lane + 1) ^ invertRight;
            Label a0 = LabelHash.Sigma(a), b0 = LabelHash.Sigma(b), c0 = LabelHash.Sigma(c), d0 = LabelHash.Sigma(d);
            Label a1 = a0 ^ sigmaDelta, b1 = b0 ^ sigmaDelta, c1 = c0 ^ sigmaDelta, d1 = d0 ^ sigmaDelta;
            Label ha = a0, hb = b0, hc = c0, hd = d0;
            Aes128.EncryptEight(ref keys, ref ha, ref a1, ref hb, ref b1, ref hc, ref c1, ref hd, ref d1);
            ref Label row = ref Unsafe.Add(ref table, 2 * lane);
            Unsafe.Add(ref target, lane) = Combine(ha, a1, hb, b1, a, b, a0, b0, delta, sigmaDelta, ref row);
            Unsafe.Add(ref target, lane + 1) = Combine(hc, c1, hd, d1, c, d, c0, d0, delta, sigmaDelta, ref Unsafe.Add(ref row, 2));
        }
    }

    /// <summary>Evaluates an and gate. Inversions do not concern the evaluator.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Evaluate(ref Label keys, ref Label left, ref Label right, ref Label target, ref Label table)
    {
        for (int lane = 0; lane < Lanes; lane += 4)
        {
            Label a = Unsafe.Add(ref left, lane), b = Unsafe.Add(ref left, lane + 1), c = Unsafe.Add(ref left, lane + 2), d = Unsafe.Add(ref left, lane + 3);
            Label e = Unsafe.Add(ref right, lane), f = Unsafe.Add(ref right, lane + 1), g = Unsafe.Add(ref right, lane + 2), h = Unsafe.Add(ref right, lane + 3);
            Label ha = LabelHash.Sigma(a), hb = LabelHash.Sigma(b), hc = LabelHash.Sigma(c), hd = LabelHash.Sigma(d);
            Label he = LabelHash.Sigma(e), hf = LabelHash.Sigma(f), hg = LabelHash.Sigma(g), hh = LabelHash.Sigma(h);
            // What the two hashes feed forward is added once.
            Label ae = ha ^ he, bf = hb ^ hf, cg = hc ^ hg, dh = hd ^ hh;
            Aes128.EncryptEight(ref keys, ref ha, ref hb, ref hc, ref hd, ref he, ref hf, ref hg, ref hh);
            ref Label row = ref Unsafe.Add(ref table, 2 * lane);
            Unsafe.Add(ref target, lane) = ha ^ he ^ ae ^ Open(a, e, ref row);
            Unsafe.Add(ref target, lane + 1) = hb ^ hf ^ bf ^ Open(b, f, ref Unsafe.Add(ref row, 2));
            Unsafe.Add(ref target, lane + 2) = hc ^ hg ^ cg ^ Open(c, g, ref Unsafe.Add(ref row, 4));
            Unsafe.Add(ref target, lane + 3) = hd ^ hh ^ dh ^ Open(d, h, ref Unsafe.Add(ref row, 6));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Label Combine(
        Label ea0, Label ea1, Label eb0, Label eb1, Label a, Label b, Label a0, Label b0, Label delta, Label sigmaDelta, ref Label row)
    {
        Label pa = LabelHash.Colour(a), pb = LabelHash.Colour(b);
        Label half = ea0 ^ ea1 ^ sigmaDelta ^ (pb & delta), other = eb0 ^ eb1 ^ sigmaDelta;
        row = half;
        Unsafe.Add(ref row, 1) = other ^ a;
        return ea0 ^ a0 ^ (pa & half) ^ eb0 ^ b0 ^ (pb & other);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Label Open(Label a, Label b, ref Label row) =>
        (LabelHash.Colour(a) & row) ^ (LabelHash.Colour(b) & (Unsafe.Add(ref row, 1) ^ a));
}
