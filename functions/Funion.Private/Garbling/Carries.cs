namespace Funion.Private.Garbling;

/// <summary>
/// What two parties lack to cut a shared value: with α and β the low t + k bits of their shares,
/// <code>
/// (α + β mod 2^(t+k)) >> t  =  (α >> t) + (β >> t) + c − 2ᵏ·w        c = carry into bit t,  w = carry out of bit t + k − 1
/// </code>
/// One chain of carries, t + k ands, whatever l is: bits above are nobody's concern, and the mask comes with the shares of c and w (<see cref="OutputShares"/>)
/// instead of a subtraction. Outputs: c, but for t = 0, where there is none; then w.
/// </summary>
static class Carries
{
    /// <summary>Builds the circuit: the garbler's share is bound, the evaluator's open.</summary>
    public static Circuit ToCircuit(int truncation, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(truncation);
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        CircuitBuilder builder = new();
        Wire[] left = builder.Bound(truncation + bits), right = builder.Open(truncation + bits);
        List<Wire> outputs = [];
        Wire carry = Wire.False;
        for (int i = 0; i < left.Length; i++)
        {
            if (i == truncation && i > 0)
            {
                outputs.Add(carry);
            }
            carry = builder.Xor(carry, builder.And(builder.Xor(left[i], carry), builder.Xor(right[i], carry)));
        }
        outputs.Add(carry);
        return builder.Build(outputs.ToArray());
    }
}
