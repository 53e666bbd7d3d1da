namespace Funion.Private.Garbling;

/// <summary>
/// Arithmetic on words of wires, lowest bit first, at one and gate a bit.
/// <code>
/// carry' = c ⊕ ((a ⊕ c) ∧ (b ⊕ c))        a − b = ¬(¬a + b)        a &lt; b unsigned = the last borrow, the same with ¬a and b
/// </code>
/// References: Boyar, Peralta and Pochuev (2000) for the adder; Kolesnikov, Sadeghi and Schneider (CANS 2009) for comparison and choice.
/// </summary>
static class Arithmetic
{
    /// <summary>left + right mod 2ⁿ: n − 1 ands.</summary>
    public static Wire[] Add(this CircuitBuilder builder, ReadOnlySpan<Wire> left, ReadOnlySpan<Wire> right) => builder.Add(left, right, 0);

    /// <summary>The bits of left + right mod 2ⁿ from bit <paramref name="from"/>: the carry from below counts, so the result is floor((l + r mod 2ⁿ)/2ᶠ).</summary>
    public static Wire[] Add(this CircuitBuilder builder, ReadOnlySpan<Wire> left, ReadOnlySpan<Wire> right, int from)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(left.Length, right.Length);
        Wire[] sum = new Wire[left.Length - from];
        Wire carry = Wire.False;
        for (int i = 0; i < left.Length; i++)
        {
            Wire a = builder.Xor(left[i], carry), b = builder.Xor(right[i], carry);
            if (i >= from)
            {
                sum[i - from] = builder.Xor(a, right[i]);
            }
            if (i < left.Length - 1)
            {
                carry = builder.Xor(carry, builder.And(a, b));
            }
        }
        return sum;
    }

    /// <summary>left − right mod 2ⁿ: n − 1 ands.</summary>
    public static Wire[] Subtract(this CircuitBuilder builder, ReadOnlySpan<Wire> left, ReadOnlySpan<Wire> right) => Not(builder.Add(Not(left), right));

    /// <summary>left &lt; right for words in two's complement: n ands.</summary>
    public static Wire LessSigned(this CircuitBuilder builder, ReadOnlySpan<Wire> left, ReadOnlySpan<Wire> right)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(left.Length, right.Length);
        Wire borrow = Wire.False;
        for (int i = 0; i < left.Length; i++)
        {
            // With both signs turned, the order is that of unsigned numbers.
            bool sign = i == left.Length - 1;
            Wire a = !left[i].InvertedIf(sign), b = right[i].InvertedIf(sign);
            borrow = builder.Xor(borrow, builder.And(builder.Xor(a, borrow), builder.Xor(b, borrow)));
        }
        return borrow;
    }

    /// <summary>word &gt; constant, both unsigned: an and for each bit from the constant's lowest 0, less one.</summary>
    public static Wire Greater(this CircuitBuilder builder, ReadOnlySpan<Wire> word, ulong constant)
    {
        Wire greater = Wire.False;
        for (int i = 0; i < word.Length; i++)
        {
            greater = ((constant >> i) & 1) != 0 ? builder.And(word[i], greater) : builder.Or(word[i], greater);
        }
        return greater;
    }

    /// <summary>condition ? left : right: n ands.</summary>
    public static Wire[] Choose(this CircuitBuilder builder, Wire condition, ReadOnlySpan<Wire> left, ReadOnlySpan<Wire> right)
    {
        Wire[] chosen = new Wire[left.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = builder.Xor(right[i], builder.And(condition, builder.Xor(left[i], right[i])));
        }
        return chosen;
    }

    /// <summary>The greater of two words in two's complement: 2n ands.</summary>
    public static Wire[] MaximumSigned(this CircuitBuilder builder, Wire[] left, Wire[] right) =>
        builder.Choose(builder.LessSigned(left, right), right, left);

    static Wire[] Not(ReadOnlySpan<Wire> word)
    {
        Wire[] inverted = new Wire[word.Length];
        for (int i = 0; i < inverted.Length; i++)
        {
            inverted[i] = !word[i];
        }
        return inverted;
    }
}
