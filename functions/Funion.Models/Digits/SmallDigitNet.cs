namespace Funion.Models.Digits;

/// <summary>
/// The sample model pruned for private inference: 1×28×28 → average pool 2 → 196 → 24 → ReLU → 10 logits. Twenty-four activations in place of thousands, for
/// where each costs kilobytes. Forward and backward for one picture, for the trainer.
/// </summary>
sealed class SmallDigitNet
{
    public const int Hidden = 24;

    const int Half = DigitNet.Side / 2, Flat = Half * Half;

    /// <summary>Weights and biases, in the layouts of ONNX's Gemm (transB).</summary>
    public float[][] Parameters { get; } =
        [new float[Hidden * Flat], new float[Hidden], new float[DigitNet.Classes * Hidden], new float[DigitNet.Classes]];

    public static IReadOnlyList<long[]> Shapes { get; } = [[Hidden, Flat], [Hidden], [DigitNet.Classes, Hidden], [DigitNet.Classes]];

    /// <summary>He initialisation.</summary>
    public void Initialise(Random random)
    {
        int[] fanIn = [Flat, 0, Hidden, 0];
        for (int p = 0; p < Parameters.Length; p += 2)
        {
            float scale = MathF.Sqrt(2f / fanIn[p]);
            foreach (ref float weight in Parameters[p].AsSpan())
            {
                weight = scale * MathF.Sqrt(-2 * MathF.Log(1 - (float)random.NextDouble())) * MathF.Cos(2 * MathF.PI * (float)random.NextDouble());
            }
        }
    }

    /// <summary>The logits of one picture, and what led to them.</summary>
    public (float[] Pooled, float[] Hidden, float[] Logits) Forward(ReadOnlySpan<float> picture)
    {
        float[] pooled = new float[Flat], hidden = new float[Hidden], logits = new float[DigitNet.Classes];
        for (int i = 0; i < Flat; i++)
        {
            int at = (i / Half * 2 * DigitNet.Side) + (i % Half * 2);
            pooled[i] = (picture[at] + picture[at + 1] + picture[at + DigitNet.Side] + picture[at + DigitNet.Side + 1]) / 4;
        }
        for (int h = 0; h < Hidden; h++)
        {
            hidden[h] = Math.Max(0, Parameters[1][h] + System.Numerics.Tensors.TensorPrimitives.Dot(Parameters[0].AsSpan(h * Flat, Flat), pooled));
        }
        for (int c = 0; c < DigitNet.Classes; c++)
        {
            logits[c] = Parameters[3][c] + System.Numerics.Tensors.TensorPrimitives.Dot(Parameters[2].AsSpan(c * Hidden, Hidden), hidden);
        }
        return (pooled, hidden, logits);
    }

    /// <summary>Adds the gradient of the cross entropy of one picture; gives the loss.</summary>
    public float Backward(ReadOnlySpan<float> picture, int label, float[][] gradient)
    {
        (float[] pooled, float[] hidden, float[] logits) = Forward(picture);
        float max = logits.Max(), total = logits.Sum(logit => MathF.Exp(logit - max));
        float[] dHidden = new float[Hidden];
        for (int c = 0; c < DigitNet.Classes; c++)
        {
            float d = (MathF.Exp(logits[c] - max) / total) - (c == label ? 1 : 0);
            gradient[3][c] += d;
            for (int h = 0; h < Hidden; h++)
            {
                gradient[2][(c * Hidden) + h] += d * hidden[h];
                dHidden[h] += d * Parameters[2][(c * Hidden) + h];
            }
        }
        for (int h = 0; h < Hidden; h++)
        {
            if (hidden[h] > 0)
            {
                gradient[1][h] += dHidden[h];
                Span<float> row = gradient[0].AsSpan(h * Flat, Flat);
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(pooled, dHidden[h], row, row);
            }
        }
        return MathF.Log(total) + max - logits[label];
    }
}
