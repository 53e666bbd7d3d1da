using FsCheck;
using FsCheck.Fluent;
using Funion.Private.Lattice;
using Funion.Private.Ring;

namespace Funion.Tests.Private;

/// <summary>Linear layers to try things on, and the two parties of one without a wire between them.</summary>
static class Layers
{
    /// <summary>Convolutions of any stride, window and padding, and fully connected layers; small enough to reckon by hand.</summary>
    public static Gen<ConvolutionShape> Small { get; } = Gen.OneOf(
        from inputs in Gen.Choose(1, 300)
        from outputs in Gen.Choose(1, 12)
        select ConvolutionShape.FullyConnected(inputs, outputs),
        from channels in Gen.Choose(1, 6)
        from height in Gen.Choose(1, 14)
        from width in Gen.Choose(1, 14)
        from filters in Gen.Choose(1, 6)
        from kernelHeight in Gen.Choose(1, 4)
        from kernelWidth in Gen.Choose(1, 4)
        from strideY in Gen.Choose(1, 3)
        from strideX in Gen.Choose(1, 3)
        from top in Gen.Choose(0, 2)
        from left in Gen.Choose(0, 2)
        from bottom in Gen.Choose(0, 2)
        from right in Gen.Choose(0, 2)
        let window = new Window(kernelHeight, kernelWidth, strideY, strideX, top, left, bottom, right)
        let input = new TensorShape(channels, height, width)
        where window.Fits(input)
        select new ConvolutionShape(input, filters, window));

    public static int[] Weights(ConvolutionShape shape, Random random, int bound = 127) =>
        [.. Enumerable.Range(0, shape.WeightCount).Select(_ => random.Next(-bound, bound + 1))];

    /// <summary>W · x by the definition of a convolution.</summary>
    public static RingTensor Naive(ConvolutionShape shape, int[] weights, RingTensor input)
    {
        RingTensor output = new(input.Modulus, shape.Output);
        (TensorShape from, TensorShape to, Window window) = (shape.Input, shape.Output, shape.Window);
        for (int i = 0; i < to.Count; i++)
        {
            int m = i / (to.Height * to.Width), row = i / to.Width % to.Height, column = i % to.Width;
            ulong sum = 0;
            for (int t = 0; t < shape.FanIn; t++)
            {
                int c = t / window.Area, y = (row * window.StrideY) + (t / window.Width % window.Height) - window.Top;
                int x = (column * window.StrideX) + (t % window.Width) - window.Left;
                if (y >= 0 && y < from.Height && x >= 0 && x < from.Width)
                {
                    sum = unchecked(sum + ((ulong)(long)weights[(m * shape.FanIn) + t] * input.Elements[(((c * from.Height) + y) * from.Width) + x]));
                }
            }
            output.Elements[i] = sum & input.Modulus.Mask;
        }
        return output;
    }

    /// <summary>The offline phase of one layer, with a dealer in place of the oblivious transfer: shares of W·r.</summary>
    public static (RingTensor Client, RingTensor Server) Share(LinearLayout layout, int[] weights, RingTensor r, Random random)
    {
        using LatticeSecretKey key = LatticeSecretKey.Create(layout.Parameters);
        Assert.Equal(LatticeOutcome.Ok, LatticePublicKey.TryRead(layout.Parameters, key.PublicKey, out LatticePublicKey? theirs));
        byte[] request = new byte[layout.RequestSize], answer = new byte[layout.AnswerSize];
        LinearClient client = new(key, layout);
        client.Encrypt(r, request);
        using RingTensor mask = new(layout.Parameters.Guarded, layout.Shape.Output);
        Assert.Equal(LatticeOutcome.Ok, new LinearServer(layout, weights).TryEvaluate(theirs!, request, answer, mask));
        Assert.Equal(LatticeOutcome.Ok, client.TryDecode(answer, out RingTensor? decoded));
        (ulong[] received, ulong[] sent) = Deal(Choices(decoded!), Correlations(mask), random);
        return (Rounding.ClientShare(decoded!, received), Rounding.ServerShare(mask, sent));
    }

    /// <summary>Correlated OT by a dealer: what the two get sums up to choice times correlation.</summary>
    public static (ulong[] Received, ulong[] Sent) Deal(bool[] choices, ulong[] correlations, Random random)
    {
        ulong[] received = new ulong[choices.Length], sent = new ulong[choices.Length];
        for (int i = 0; i < choices.Length; i++)
        {
            ulong pad = (ulong)random.NextInt64();
            (received[i], sent[i]) = unchecked((pad + (choices[i] ? correlations[i] : 0), 0UL - pad));
        }
        return (received, sent);
    }

    /// <summary>D₀ of every output.</summary>
    public static bool[] Choices(RingTensor decoded) => [.. decoded.Elements.ToArray().Select(element => (element & 1) != 0)];

    /// <summary>1 − P₀ of every output.</summary>
    public static ulong[] Correlations(RingTensor mask) => [.. mask.Elements.ToArray().Select(element => (element & 1) ^ 1)];
}
