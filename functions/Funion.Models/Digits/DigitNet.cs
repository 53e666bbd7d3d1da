namespace Funion.Models.Digits;

/// <summary>
/// The sample model: 1×28×28 → conv 3×3 (8) → ReLU → max pool 2 → conv 3×3 (16) → ReLU → max pool 2 → 64 → ReLU → 10 logits. About 52,000 parameters.
/// Forward and backward for one picture, for the trainer; what is served is the ONNX file.
/// </summary>
sealed class DigitNet
{
    public const int Side = DigitPainter.Side, C1 = 8, C2 = 16, Hidden = 64, Classes = 10;

    const int Half = Side / 2, Quarter = Side / 4, Flat = C2 * Quarter * Quarter;

    /// <summary>Weights and biases, layer by layer, in the layouts of ONNX's Conv and Gemm (transB).</summary>
    public float[][] Parameters { get; } =
        [new float[C1 * 9], new float[C1], new float[C2 * C1 * 9], new float[C2], new float[Hidden * Flat], new float[Hidden], new float[Classes * Hidden], new float[Classes]];

    public static IReadOnlyList<long[]> Shapes { get; } =
        [[C1, 1, 3, 3], [C1], [C2, C1, 3, 3], [C2], [Hidden, Flat], [Hidden], [Classes, Hidden], [Classes]];

    /// <summary>He initialisation.</summary>
    public void Initialise(Random random)
    {
        int[] fanIn = [9, 0, C1 * 9, 0, Flat, 0, Hidden, 0];
        for (int p = 0; p < Parameters.Length; p += 2)
        {
            float scale = MathF.Sqrt(2f / fanIn[p]);
            foreach (ref float weight in Parameters[p].AsSpan())
            {
                weight = scale * MathF.Sqrt(-2 * MathF.Log(1 - (float)random.NextDouble())) * MathF.Cos(2 * MathF.PI * (float)random.NextDouble());
            }
        }
    }

    /// <summary>The logits of one picture.</summary>
    public float[] Forward(ReadOnlySpan<float> picture, Activations a)
    {
        Convolve(picture, 1, Side, Parameters[0], Parameters[1], C1, a.Conv1);
        Pool(a.Conv1, C1, Side, a.Pool1, a.Choice1);
        Convolve(a.Pool1, C1, Half, Parameters[2], Parameters[3], C2, a.Conv2);
        Pool(a.Conv2, C2, Half, a.Pool2, a.Choice2);
        for (int h = 0; h < Hidden; h++)
        {
            float sum = Parameters[5][h] + System.Numerics.Tensors.TensorPrimitives.Dot(Parameters[4].AsSpan(h * Flat, Flat), a.Pool2);
            a.Hidden[h] = Math.Max(0, sum);
        }
        for (int c = 0; c < Classes; c++)
        {
            a.Logits[c] = Parameters[7][c] + System.Numerics.Tensors.TensorPrimitives.Dot(Parameters[6].AsSpan(c * Hidden, Hidden), a.Hidden);
        }
        return a.Logits;
    }

    /// <summary>Adds the gradient of the cross entropy of one picture; gives the loss.</summary>
    public float Backward(ReadOnlySpan<float> picture, int label, Activations a, float[][] gradient)
    {
        float max = a.Logits.Max(), total = a.Logits.Sum(logit => MathF.Exp(logit - max));
        Array.Clear(a.DHidden);
        for (int c = 0; c < Classes; c++)
        {
            float d = (MathF.Exp(a.Logits[c] - max) / total) - (c == label ? 1 : 0);
            gradient[7][c] += d;
            Accumulate(gradient[6].AsSpan(c * Hidden, Hidden), a.Hidden, d);
            Accumulate(a.DHidden, Parameters[6].AsSpan(c * Hidden, Hidden), d);
        }
        Array.Clear(a.DPool2);
        for (int h = 0; h < Hidden; h++)
        {
            if (a.Hidden[h] <= 0)
            {
                continue;
            }
            gradient[5][h] += a.DHidden[h];
            Accumulate(gradient[4].AsSpan(h * Flat, Flat), a.Pool2, a.DHidden[h]);
            Accumulate(a.DPool2, Parameters[4].AsSpan(h * Flat, Flat), a.DHidden[h]);
        }
        Unpool(a.DPool2, a.Choice2, a.Conv2, a.DConv2);
        ConvolveBack(a.Pool1, C1, Half, Parameters[2], C2, a.DConv2, gradient[2], gradient[3], a.DPool1);
        Unpool(a.DPool1, a.Choice1, a.Conv1, a.DConv1);
        ConvolveBack(picture, 1, Side, Parameters[0], C1, a.DConv1, gradient[0], gradient[1], null);
        return max + MathF.Log(total) - a.Logits[label];
    }

    static void Accumulate(Span<float> sum, ReadOnlySpan<float> values, float factor) =>
        System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(values, factor, sum, sum);

    static void Convolve(ReadOnlySpan<float> input, int channels, int side, float[] weights, float[] bias, int filters, float[] output)
    {
        for (int f = 0; f < filters; f++)
        {
            Span<float> plane = output.AsSpan(f * side * side, side * side);
            plane.Fill(bias[f]);
            for (int c = 0; c < channels; c++)
            {
                ForEachTap(side, (((f * channels) + c) * 9), weights, input.Slice(c * side * side, side * side), plane);
            }
            System.Numerics.Tensors.TensorPrimitives.Max(plane, 0f, plane);
        }
    }

    static void ForEachTap(int side, int at, float[] weights, ReadOnlySpan<float> source, Span<float> plane)
    {
        for (int ky = -1; ky <= 1; ky++)
        {
            for (int kx = -1; kx <= 1; kx++)
            {
                float weight = weights[at + ((ky + 1) * 3) + kx + 1];
                int x0 = Math.Max(0, -kx), width = side - Math.Abs(kx);
                for (int y = Math.Max(0, -ky); y < Math.Min(side, side - ky); y++)
                {
                    Accumulate(plane.Slice((y * side) + x0, width), source.Slice(((y + ky) * side) + x0 + kx, width), weight);
                }
            }
        }
    }

    static void ConvolveBack(
        ReadOnlySpan<float> input, int channels, int side, float[] weights, int filters, float[] dOutput, float[] dWeights, float[] dBias, float[]? dInput)
    {
        dInput?.AsSpan().Clear();
        for (int f = 0; f < filters; f++)
        {
            ReadOnlySpan<float> plane = dOutput.AsSpan(f * side * side, side * side);
            dBias[f] += System.Numerics.Tensors.TensorPrimitives.Sum(plane);
            for (int c = 0; c < channels; c++)
            {
                ReadOnlySpan<float> source = input.Slice(c * side * side, side * side);
                for (int tap = 0; tap < 9; tap++)
                {
                    int ky = (tap / 3) - 1, kx = (tap % 3) - 1, at = (((f * channels) + c) * 9) + tap;
                    int x0 = Math.Max(0, -kx), width = side - Math.Abs(kx);
                    float sum = 0;
                    for (int y = Math.Max(0, -ky); y < Math.Min(side, side - ky); y++)
                    {
                        ReadOnlySpan<float> d = plane.Slice((y * side) + x0, width);
                        int from = ((y + ky) * side) + x0 + kx;
                        sum += System.Numerics.Tensors.TensorPrimitives.Dot(d, source.Slice(from, width));
                        if (dInput is not null)
                        {
                            Accumulate(dInput.AsSpan((c * side * side) + from, width), d, weights[at]);
                        }
                    }
                    dWeights[at] += sum;
                }
            }
        }
    }

    static void Pool(float[] input, int channels, int side, float[] output, int[] choice)
    {
        int half = side / 2;
        for (int i = 0; i < output.Length; i++)
        {
            int c = i / (half * half), y = i / half % half, x = i % half, best = (c * side * side) + (2 * y * side) + (2 * x);
            foreach (int other in (ReadOnlySpan<int>)[best + 1, best + side, best + side + 1])
            {
                best = input[other] > input[best] ? other : best;
            }
            choice[i] = best;
            output[i] = input[best];
        }
    }

    static void Unpool(float[] dOutput, int[] choice, float[] activation, float[] dInput)
    {
        Array.Clear(dInput);
        for (int i = 0; i < dOutput.Length; i++)
        {
            dInput[choice[i]] += activation[choice[i]] > 0 ? dOutput[i] : 0;
        }
    }

    /// <summary>What one picture leaves on its way, one per thread.</summary>
    public sealed class Activations
    {
        public readonly float[] Conv1 = new float[C1 * Side * Side], DConv1 = new float[C1 * Side * Side];
        public readonly float[] Pool1 = new float[C1 * Half * Half], DPool1 = new float[C1 * Half * Half];
        public readonly float[] Conv2 = new float[C2 * Half * Half], DConv2 = new float[C2 * Half * Half];
        public readonly float[] Pool2 = new float[Flat], DPool2 = new float[Flat];
        public readonly float[] Hidden = new float[DigitNet.Hidden], DHidden = new float[DigitNet.Hidden], Logits = new float[Classes];
        public readonly int[] Choice1 = new int[C1 * Half * Half], Choice2 = new int[C2 * Half * Half];
    }
}
