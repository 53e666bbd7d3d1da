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
    /// <summary>
    /// How far an answer that a round gives may be from the model's own unless all copies of its question were answered wrongly: one copy is then within ε of that, and
    /// the answer within ε of every copy.
    /// </summary>
    public double MostError => 2 * Slack;

    internal bool IsSound => double.IsFinite(Noise) && double.IsFinite(2 * Slack) && Noise is >= 0 and <= float.MaxValue && Slack >= 0;

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

    /// <summary>
    /// One answer of copies that agree: the median of each element, moved where it must be to lie within ε of every copy. A median alone may be 3 ε from the model's own answer.
    /// </summary>
    /// <param name="copies">Encoded tensors, each of which agrees with each.</param>
    /// <exception cref="ArgumentException">There are none, or they do not agree.</exception>
    public ReadOnlyMemory<byte> Middle(IReadOnlyList<ReadOnlyMemory<byte>> copies)
    {
        ArgumentNullException.ThrowIfNull(copies);
        Tolerance tolerance = this;
        if (copies.Count == 0 || copies.Any(copy => !tolerance.Agree(copies[0], copy)))
        {
            throw new ArgumentException("Only copies that agree have a middle.", nameof(copies));
        }
        if (Slack == 0)
        {
            return copies[0];
        }
        IReadOnlyList<Tensor>[] parsed = [.. copies.Select(copy => TensorCodec.TryParse(copy)!)];
        return TensorCodec.Encode([.. parsed[0].Select((first, i) =>
        {
            byte[] data = first.Data.ToArray();
            ReadOnlyMemory<byte>[] all = [.. parsed.Select(tensors => tensors[i].Data)];
            switch (first.Datatype)
            {
                case Datatype.FP32:
                    Middle<float>(all, data, tolerance.Slack, value => value, value => (float)value);
                    break;
                case Datatype.FP64:
                    Middle<double>(all, data, tolerance.Slack, value => value, value => value);
                    break;
            }
            return Tensor.TryCreate(first.Name, first.Datatype, [.. first.Shape], data)!;
        })]);
    }

    static void Middle<T>(ReadOnlyMemory<byte>[] copies, Span<byte> middle, double slack, Func<T, double> value, Func<double, T> of)
        where T : unmanaged
    {
        Span<T> elements = MemoryMarshal.Cast<byte, T>(middle);
        double[] values = new double[copies.Length];
        for (int i = 0; i < elements.Length; i++)
        {
            for (int copy = 0; copy < copies.Length; copy++)
            {
                values[copy] = value(MemoryMarshal.Cast<byte, T>(copies[copy].Span)[i]);
            }
            Array.Sort(values);
            double median = (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2, low = values[^1] - slack, high = values[0] + slack;
            // They cross by rounding at most.
            elements[i] = of(low <= high ? Math.Clamp(median, low, high) : (low + high) / 2);
        }
    }

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
