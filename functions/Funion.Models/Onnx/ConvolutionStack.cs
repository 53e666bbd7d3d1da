namespace Funion.Models.Onnx;

/// <summary>
/// A model that does nothing but work, for benches: an image of three channels, so many 3×3 convolutions of 64 channels with ReLU, the average of each channel.
/// Its weights are drawn from a fixed seed; costs do not depend on them.
/// </summary>
public static class ConvolutionStack
{
    /// <summary>Height and width of the image.</summary>
    public const int Side = 32;

    const int Channels = 64, ImageChannels = 3, Kernel = 3;

    /// <summary>Writes it as ONNX: input image [n, 3, 32, 32], output means [n, 64, 1, 1].</summary>
    public static byte[] Write(int layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        Random random = new(1);
        ProtoWriter graph = new();
        string input = "image";
        for (int layer = 0; layer < layers; layer++)
        {
            int from = layer == 0 ? ImageChannels : Channels;
            float[] weights = new float[Channels * from * Kernel * Kernel];
            float scale = MathF.Sqrt(2f / (from * Kernel * Kernel));
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = scale * ((2 * random.NextSingle()) - 1) * MathF.Sqrt(3);
            }
            graph.Message(5, OnnxWriter.Initializer($"w{layer}", [Channels, from, Kernel, Kernel], weights));
            graph.Message(1, OnnxWriter.Node("Conv", [input, $"w{layer}"], $"c{layer}", OnnxWriter.Ints("kernel_shape", Kernel, Kernel), OnnxWriter.Ints("pads", 1, 1, 1, 1)));
            graph.Message(1, OnnxWriter.Node("Relu", [$"c{layer}"], input = $"r{layer}"));
        }
        graph.Message(1, OnnxWriter.Node("GlobalAveragePool", [input], "means"));
        graph.Text(2, "convolutions");
        graph.Message(11, OnnxWriter.Value("image", "batch", ImageChannels, Side, Side));
        graph.Message(12, OnnxWriter.Value("means", "batch", Channels, 1, 1));
        return OnnxWriter.Model("Funion.Models", graph);
    }
}
