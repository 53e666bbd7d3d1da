using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>
/// A quadratic activation on signed values x of Z_2^l:
/// <code>
/// v = bits t to t + k − 1 of x + 2^(t−1), as a signed number of k bits        (t = 0: of x)
/// y = Square·v² + Linear·v + Constant   mod 2^l
/// </code>
/// The cut is exact: ⌊(x + 2^(t−1)) / 2^t⌋ wherever that fits into k bits, and wrapped to k bits elsewhere, for two parties as for the reference. Nothing is
/// cut after the square, so y takes 2k bits and the layer that follows takes them all. With t = 0 and k = l there is no cut at all.
/// </summary>
/// <param name="Name">Of its output in the model file.</param>
/// <param name="Input">Value it takes.</param>
/// <param name="Shape">Of that, and of the output.</param>
/// <param name="Truncation">t.</param>
/// <param name="Bits">k: 2 to l − t.</param>
/// <param name="Square">Of v².</param>
/// <param name="Linear">Of v.</param>
/// <param name="Constant">By itself.</param>
public sealed record QuadraticLayer(string Name, int Input, TensorShape Shape, int Truncation, int Bits, long Square, long Linear, long Constant)
    : IntegerLayer(Name, [Input], Shape)
{
    /// <summary>Whether anything is cut in a ring.</summary>
    public bool Cuts(Modulus modulus) => Truncation > 0 || Bits < modulus.Bits;

    /// <summary>2^(t−1), or 0 where nothing is truncated.</summary>
    public long Offset => Truncation == 0 ? 0 : 1L << (Truncation - 1);

    /// <inheritdoc/>
    public override RingTensor Apply(IReadOnlyList<RingTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        RingTensor input = inputs[0], output = new(input.Modulus, Shape);
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Shape.Count, Shape.Count);
        Check(input.Modulus);
        int unused = 64 - Bits;
        for (int i = 0; i < Shape.Count; i++)
        {
            output.Elements[i] = unchecked(Polynomial((ulong)((long)((input.Elements[i] + (ulong)Offset) >> Truncation << unused) >> unused))) & input.Modulus.Mask;
        }
        return output;
    }

    /// <summary>Square·v² + Linear·v + Constant of a word.</summary>
    internal ulong Polynomial(ulong v) => unchecked(((((ulong)Square * v) + (ulong)Linear) * v) + (ulong)Constant);

    /// <summary>Programming errors, and what a reader refuses.</summary>
    internal void Check(Modulus modulus)
    {
        if (!IsSound(modulus, Truncation, Bits, Square, Linear, Constant))
        {
            throw new ArgumentOutOfRangeException(nameof(modulus), modulus.Bits, $"'{Name}' does not lie in this ring.");
        }
    }

    internal static bool IsSound(Modulus modulus, int truncation, int bits, params ReadOnlySpan<long> coefficients)
    {
        foreach (long coefficient in coefficients)
        {
            if (modulus.Signed(modulus.Element(coefficient)) != coefficient)
            {
                return false;
            }
        }
        return truncation >= 0 && bits >= 2 && bits <= modulus.Bits - truncation && coefficients[0] != 0;
    }
}
