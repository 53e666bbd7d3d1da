using System.Runtime.InteropServices;
using Funion.Inference;
using Funion.Mixing;

namespace Funion.Verification;

/// <summary>
/// What is stated of a model: its inputs may be moved by up to δ in every element, and its answer then moves by up to ε in every element. Equal inputs must
/// not reach a party that reads them, so there each copy is moved for itself, and ε is what a cheating server is free to change unnoticed. Where inputs are
/// hidden and arithmetic is exact both are 0, and answers agree bit for bit.
/// </summary>
/// <param name="Noise">δ, at least 0; moves elements of FP32 only.</param>
/// <param name="Slack">ε, at least 0.</param>
public readonly record struct Tolerance(double Noise, double Slack)
{
    internal bool IsSound => double.IsFinite(Noise) && double.IsFinite(Slack) && Noise is >= 0 and <= float.MaxValue && Slack >= 0;

    /// <summary>Encoded tensors, every FP32 element moved by a uniform draw from [−δ, δ]; of the same size and shape.</summary>
    /// <exception cref="ArgumentException">These are no encoded tensors.</exception>
    public ReadOnlyMemory<byte> Disguise(ReadOnlyMemory<byte> input, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (Noise == 0)
        {
            return input;
        }
        IReadOnlyList<Tensor> tensors = TensorCodec.TryParse(input) ?? throw new ArgumentException("These are no encoded tensors.", nameof(input));
        double noise = Noise;
        return TensorCodec.Encode([.. tensors.Select(tensor => tensor.Datatype == Datatype.FP32
            ? Tensor.Of(tensor.Name, [.. tensor.Shape], Moved(tensor.ToFloats(), noise, random))
            : tensor)]);
    }

    /// <summary>Whether an answer is the certified one: within ε in every element.</summary>
    public bool Matches(ReadOnlyMemory<byte> answer, ReadOnlyMemory<byte> certified) => Within(answer, certified, Slack);

    /// <summary>Whether two answers can be of one input: each within ε of what the input itself gives, so within 2 ε of one another.</summary>
    public bool Agree(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other) => Within(one, other, 2 * Slack);

    static bool Within(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other, double slack)
    {
        if (slack == 0)
        {
            return one.Span.SequenceEqual(other.Span);
        }
        if (TensorCodec.TryParse(one) is not { } left || TensorCodec.TryParse(other) is not { } right || !left.SequenceEqual(right, TensorShapes.Same))
        {
            return false;
        }
        return left.Zip(right).All(pair => pair.First.Datatype switch
        {
            Datatype.FP32 => Near<float>(pair.First, pair.Second, slack, value => value),
            Datatype.FP64 => Near<double>(pair.First, pair.Second, slack, value => value),
            _ => pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span),
        });
    }

    static bool Near<T>(Tensor one, Tensor other, double slack, Func<T, double> value)
        where T : unmanaged
    {
        ReadOnlySpan<T> left = MemoryMarshal.Cast<byte, T>(one.Data.Span), right = MemoryMarshal.Cast<byte, T>(other.Data.Span);
        for (int i = 0; i < left.Length; i++)
        {
            // A NaN is near nothing, and so is an infinity.
            if (!(Math.Abs(value(left[i]) - value(right[i])) <= slack))
            {
                return false;
            }
        }
        return true;
    }

    static float[] Moved(float[] values, double noise, RandomSource random)
    {
        byte[] draws = new byte[sizeof(uint) * values.Length];
        random.Fill(draws);
        ReadOnlySpan<uint> uniform = MemoryMarshal.Cast<byte, uint>(draws);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] += (float)(noise * ((2 * (uniform[i] / (double)uint.MaxValue)) - 1));
        }
        return values;
    }
}
