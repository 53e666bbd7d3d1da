using Funion.Private.Lattice;
using Funion.Private.Ring;

namespace Funion.Tests.Private;

/// <summary>
/// The server's work without its mask, so that the noise of every output can be seen: what <see cref="LinearServer"/> does step by step, and Δ·y taken off.
/// Without the rounding, which would drown the rest, on demand.
/// </summary>
static class NoiseProbe
{
    public static double[] Measure(LinearLayout layout, int[] weights, bool rounded = true)
    {
        LatticeParameters parameters = layout.Parameters;
        ConvolutionShape shape = layout.Shape;
        int degree = parameters.Degree;
        using LatticeSecretKey key = LatticeSecretKey.Create(parameters);
        LatticePublicKey.TryRead(parameters, key.PublicKey, out LatticePublicKey? theirs);
        using RingTensor r = RingTensor.Uniform(parameters.Plain, shape.Input);
        byte[] request = new byte[layout.RequestSize];
        new LinearClient(key, layout).Encrypt(r, request);
        RingTensor y = new RingConvolution(shape, weights).Apply(r);
        int[] offsets = [.. layout.WeightExponents().Select(exponent => degree - exponent)];
        double[] noise = new double[shape.Output.Count];
        for (int tile = 0; tile < layout.Tiles; tile++)
        {
            for (int block = 0; block < layout.FilterBlocks; block++)
            {
                ulong[] a = new ulong[degree], b = new ulong[degree], half = new ulong[degree], doubled = new ulong[2 * degree];
                for (int channels = 0; channels < layout.ChannelBlocks; channels++)
                {
                    int number = (tile * layout.ChannelBlocks) + channels;
                    ulong[] row = Row(layout, weights, block, channels);
                    BitPacking.TryRead(request.AsSpan(32 + (number * parameters.CiphertextSize), parameters.CiphertextSize), parameters.ModulusBits, half);
                    Negacyclic.Double(half, doubled);
                    WindowSums.Accumulate(doubled, offsets, row, b, degree, 0, degree);
                    LatticeSampling.Expand(request.AsSpan(0, 32), MaskKind.Request, (uint)number, half, parameters.Mask);
                    Negacyclic.Double(half, doubled);
                    WindowSums.Accumulate(doubled, offsets, row, a, degree, 0, degree);
                }
                LatticeSampling.Ternary(half);
                Negacyclic.MultiplyAdd(theirs!.DoubledA, half, a, 0, degree);
                Negacyclic.MultiplyAdd(theirs.DoubledB, half, b, 0, degree);
                LatticeSampling.AddNoise(a, parameters.NoisePairs, half);
                if (rounded)
                {
                    Round(a, parameters.DroppedOfA);
                    Round(b, parameters.DroppedOfB);
                }
                key.AddProducts(a, b, 0, degree);
                OutputWalk walk = layout.Outputs(tile, block);
                while (walk.MoveNext())
                {
                    ulong phase = unchecked(b[walk.Coefficient] - (y.Elements[walk.Index] << parameters.MessageShift));
                    noise[walk.Index] = new Modulus(parameters.ModulusBits).Signed(phase & parameters.Mask);
                }
            }
        }
        return noise;
    }

    static ulong[] Row(LinearLayout layout, int[] weights, int block, int channels)
    {
        int area = layout.Shape.Window.Area, all = layout.Shape.Input.Channels;
        ulong[] row = new ulong[layout.FilterBlock * layout.ChannelBlock * area];
        for (int i = 0; i < row.Length; i++)
        {
            int filter = (block * layout.FilterBlock) + (i / (layout.ChannelBlock * area)), channel = (channels * layout.ChannelBlock) + (i / area % layout.ChannelBlock);
            row[i] = filter < layout.Shape.Filters && channel < all ? unchecked((ulong)(long)weights[(((filter * all) + channel) * area) + (i % area)]) : 0;
        }
        return row;
    }

    static void Round(ulong[] words, int dropped)
    {
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = (words[i] >> dropped << dropped) + (1UL << dropped >> 1);
        }
    }
}
