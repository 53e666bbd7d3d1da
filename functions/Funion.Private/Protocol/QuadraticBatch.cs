using Funion.Private.Garbling;
using Funion.Private.Networks;
using Funion.Private.Ring;
using Funion.Private.Transfer;

namespace Funion.Private.Protocol;

/// <summary>
/// Some values of one quadratic layer, with client's shares x₁ known offline and server's x₂ only online, both mod 2ˡ.
/// <code>
/// offline  carries of the cut, garbled for x₁; the client's share v₁ = (α >> t) + c₁ − 2ᵏ·w₁ of v + 2^(k−1)
///          a square pair with v₁ for the client's a₁: a₂ and shares s₁ + s₂ = (v₁ + a₂)²
/// online   labels of x₂ + 2^(t−1) + 2^(t+k−1); the server's share v₂ = (β >> t) + c₂ − 2ᵏ·w₂ − 2^(k−1)
///          e = v₂ − a₂                                                                                    → e, a word a value, from the server
///          z = Square·(2e·v₁ + e² + s₁) + Linear·v₁ − r                                                   ← z, a word a value, from the client
///          y − r = z + Square·(2e·a₂ + s₂) + Linear·v₂ + Constant
/// </code>
/// e is under a₂, z under the mask r of the output. The client opens nothing: v₁ is what it is when the pair is made, so that v − a is e.
/// <list type="bullet">
/// <item>References: <see cref="SquarePairs"/>; Delphi (Mishra and others, 2020), section 4, opens two words a side for a triple.</item>
/// </list>
/// </summary>
sealed class QuadraticBatch
{
    /// <summary>As many transfers as stay in a second-level cache.</summary>
    const int MostTransfers = 1 << 16;

    readonly Modulus _modulus;

    QuadraticBatch(QuadraticLayer layer, Modulus modulus, Circuit? carries, int first, int count, int index, ulong number)
    {
        (Layer, First, Count, Index, Number, _modulus) = (layer, first, count, index, number, modulus);
        Garbling = carries is null ? null : new GarblingGeometry(carries, count, choicesFirst: false, modulus.Bits);
        Squares = SquarePairs.Geometry(modulus.Bits, count);
    }

    /// <summary>Whose values these are.</summary>
    public QuadraticLayer Layer { get; }

    /// <summary>First value.</summary>
    public int First { get; }

    /// <summary>Values.</summary>
    public int Count { get; }

    /// <summary>Of the batch among those of its session.</summary>
    public int Index { get; }

    /// <summary>Of its circuits and of its products in the session.</summary>
    public ulong Number { get; }

    /// <summary>Of the carries; null for a layer that cuts nothing.</summary>
    public GarblingGeometry? Garbling { get; }

    /// <summary>Of the square pairs.</summary>
    public ProductGeometry Squares { get; }

    /// <summary>Bytes of e, and of z.</summary>
    public int WordsSize => _modulus.ByteSize(Count);

    /// <summary>All batches of a layer; circuits are numbered from <paramref name="number"/>, batches from <paramref name="index"/>.</summary>
    public static IEnumerable<QuadraticBatch> Of(QuadraticLayer layer, Modulus modulus, int index, ulong number)
    {
        layer.Check(modulus);
        Circuit? carries = layer.Cuts(modulus) ? Carries.ToCircuit(layer.Truncation, layer.Bits) : null;
        int most = MostTransfers / modulus.Bits, whole = most - (most % LabelHash.Lanes);
        for (int first = 0; first < layer.Shape.Count; first += whole)
        {
            yield return new QuadraticBatch(layer, modulus, carries, first, Math.Min(whole, layer.Shape.Count - first), index++, number++);
        }
    }

    /// <summary>v₁, from the client's shares and, in <paramref name="carries"/>, its shares of c and w.</summary>
    public void CutBound(ReadOnlySpan<ulong> share, ReadOnlySpan<ulong> carries, Span<ulong> values) => Cut(share, carries, 0, 0, values);

    /// <summary>What the server asks labels for: its shares, turned so that the cut rounds, and is of an unsigned number.</summary>
    public void Open(ReadOnlySpan<ulong> share, Span<ulong> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = unchecked(share[i] + Turn) & _modulus.Mask;
        }
    }

    /// <summary>v₂, from the server's shares and its shares of c and w.</summary>
    public void CutOpen(ReadOnlySpan<ulong> share, ReadOnlySpan<ulong> carries, Span<ulong> values) =>
        Cut(share, carries, Turn, Garbling is null ? 0 : 1UL << (Layer.Bits - 1), values);

    /// <summary>The client's share of a pair, in place, made into what is left of z for e = 0.</summary>
    public void Fold(ReadOnlySpan<ulong> values, ReadOnlySpan<ulong> mask, Span<ulong> squares)
    {
        for (int i = 0; i < squares.Length; i++)
        {
            squares[i] = unchecked(((ulong)Layer.Square * squares[i]) + ((ulong)Layer.Linear * values[i]) - mask[i]) & _modulus.Mask;
        }
    }

    /// <summary>z, in place of e.</summary>
    public void Answer(ReadOnlySpan<ulong> values, ReadOnlySpan<ulong> folded, Span<ulong> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            ulong e = words[i];
            words[i] = unchecked(((ulong)Layer.Square * ((2 * e * values[i]) + (e * e))) + folded[i]) & _modulus.Mask;
        }
    }

    /// <summary>The server's share of y, in place of z.</summary>
    public void Finish(ReadOnlySpan<ulong> cut, ReadOnlySpan<ulong> values, ReadOnlySpan<ulong> squares, Span<ulong> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            unchecked
            {
                ulong pair = SquarePairs.Square(_modulus.Bits, cut[i] - values[i], values[i], squares[i], isSender: false);
                words[i] = (words[i] + ((ulong)Layer.Square * pair) + ((ulong)Layer.Linear * cut[i]) + (ulong)Layer.Constant) & _modulus.Mask;
            }
        }
    }

    ulong Turn => Garbling is null ? 0 : unchecked((ulong)Layer.Offset + (1UL << (Layer.Truncation + Layer.Bits - 1)));

    void Cut(ReadOnlySpan<ulong> share, ReadOnlySpan<ulong> carries, ulong turn, ulong half, Span<ulong> values)
    {
        if (Garbling is null)
        {
            share.CopyTo(values);
            return;
        }
        int outputs = Garbling.Results;
        ulong low = ulong.MaxValue >> (64 - Layer.Truncation - Layer.Bits);
        for (int i = 0; i < values.Length; i++)
        {
            unchecked
            {
                ulong carry = outputs == 1 ? 0 : carries[i * outputs], wrap = carries[(i * outputs) + outputs - 1];
                values[i] = ((((share[i] + turn) & low) >> Layer.Truncation) + carry - (wrap << Layer.Bits) - half) & _modulus.Mask;
            }
        }
    }
}
