namespace Funion.Models.Digits;

/// <summary>
/// Trains the sample model from nothing, on pictures that it draws itself. Seeded: the same seed and number of pictures give the same file on the same
/// kind of processor.
/// </summary>
public static class DigitTrainer
{
    const int BatchSize = 32, Threads = 2;

    /// <summary>Trains on so many pictures (Adam, falling rate) and gives the ONNX file; reports loss and held-out accuracy now and then.</summary>
    public static byte[] Train(int seed, int pictures, Action<string> report) => DigitOnnx.Write(TrainNet(seed, pictures, report));

    /// <summary>Trains the small model, of 24 activations, for two parties through the mixnet; gives the ONNX file.</summary>
    public static byte[] TrainSmall(int seed, int pictures, Action<string> report)
    {
        ArgumentNullException.ThrowIfNull(report);
        SmallDigitNet net = new();
        net.Initialise(new Random(seed));
        DigitPainter painter = new((seed * 31) + 1);
        float[][][] gradients = [[.. net.Parameters.Select(parameter => new float[parameter.Length])]];
        AdamState adam = new(net.Parameters);
        int steps = pictures / BatchSize;
        for (int step = 1; step <= steps; step++)
        {
            for (int i = 0; i < BatchSize; i++)
            {
                int digit = ((step * BatchSize) + i) % DigitNet.Classes;
                net.Backward(painter.Training(digit), digit, gradients[0]);
            }
            adam.Step(net.Parameters, gradients, BatchSize, 0.004f * (1 - (0.95f * step / steps)));
        }
        report($"{steps * BatchSize} pictures, held out {HeldOutAccuracy(picture => net.Forward(picture).Logits, 1_000):P1}");
        return DigitOnnx.Write(net);
    }

    internal static DigitNet TrainNet(int seed, int pictures, Action<string> report)
    {
        ArgumentNullException.ThrowIfNull(report);
        DigitNet net = new();
        net.Initialise(new Random(seed));
        DigitPainter[] painters = [.. Enumerable.Range(0, Threads).Select(thread => new DigitPainter((seed * 31) + thread + 1))];
        DigitNet.Activations[] activations = [.. painters.Select(_ => new DigitNet.Activations())];
        float[][][] gradients = [.. painters.Select(_ => Zeros(net))];
        AdamState adam = new(net.Parameters);
        int steps = pictures / BatchSize;
        double loss = 0;
        for (int step = 1; step <= steps; step++)
        {
            double[] losses = new double[Threads];
            Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
            {
                for (int i = thread; i < BatchSize; i += Threads)
                {
                    int digit = ((step * BatchSize) + i) % DigitNet.Classes;
                    float[] picture = painters[thread].Training(digit);
                    net.Forward(picture, activations[thread]);
                    losses[thread] += net.Backward(picture, digit, activations[thread], gradients[thread]);
                }
            });
            adam.Step(net.Parameters, gradients, BatchSize, 0.002f * (1 - (0.95f * step / steps)));
            loss = (0.99 * loss) + (0.01 * losses.Sum() / BatchSize);
            if (step % 500 == 0 || step == steps)
            {
                report($"{step * BatchSize} pictures, loss {loss:F3}, held out {HeldOutAccuracy(net, 1_000):P1}");
            }
        }
        return net;
    }

    /// <summary>
    /// Accuracy of a classifier on <paramref name="count"/> pictures in styles that were never trained on, drawn from a fixed seed.
    /// </summary>
    public static double HeldOutAccuracy(Func<float[], float[]> classify, int count)
    {
        ArgumentNullException.ThrowIfNull(classify);
        DigitPainter painter = new(20_260_101);
        int right = 0;
        for (int i = 0; i < count; i++)
        {
            float[] scores = classify(painter.HeldOut(i % DigitNet.Classes));
            right += Array.IndexOf(scores, scores.Max()) == i % DigitNet.Classes ? 1 : 0;
        }
        return (double)right / count;
    }

    /// <summary>Pictures in the styles that are trained on, without end, with what they are of.</summary>
    public static IEnumerable<(float[] Picture, int Digit)> Drawn(int seed)
    {
        DigitPainter painter = new(seed);
        for (int i = 0; ; i = (i + 1) % DigitNet.Classes)
        {
            yield return (painter.Training(i), i);
        }
    }

    /// <summary>A picture of a digit in a style that was never trained on.</summary>
    public static float[] HeldOutPicture(int digit, int seed) => new DigitPainter(seed).HeldOut(digit);

    static double HeldOutAccuracy(DigitNet net, int count)
    {
        DigitNet.Activations activations = new();
        return HeldOutAccuracy(picture => net.Forward(picture, activations), count);
    }

    static float[][] Zeros(DigitNet net) => [.. net.Parameters.Select(parameter => new float[parameter.Length])];
}
