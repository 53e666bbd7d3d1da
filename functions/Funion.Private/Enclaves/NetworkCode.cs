using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Enclaves;

/// <summary>
/// A network with its biases and without weights or names, as its owner seals it for an enclave. Hostile input: whoever seals it chooses it.
/// <code>
/// network = version 1 ‖ l 1 ‖ input ‖ input scale 8 ‖ output scale 8 ‖ number of layers 2 ‖ layers
/// layer   = kind 1 ‖ its inputs 2 each ‖ what the kind needs          shapes and windows in numbers of 4 bytes
/// </code>
/// </summary>
public static class NetworkCode
{
    /// <summary>Most layers, and most elements of one value.</summary>
    const int MaxLayers = 1_024, MaxElements = 1 << 22;

    const byte Version = 1;

    /// <summary>The bytes.</summary>
    public static byte[] ToBytes(IntegerNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(network.Layers.Count, MaxLayers);
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write(Version);
        writer.Write((byte)network.Modulus.Bits);
        Write(writer, network.Input);
        writer.Write(network.InputScale);
        writer.Write(network.OutputScale);
        writer.Write((ushort)network.Layers.Count);
        foreach (IntegerLayer layer in network.Layers)
        {
            Write(writer, layer);
        }
        return bytes.ToArray();
    }

    /// <summary>Reads a network; null when the bytes are none, or one that contradicts itself.</summary>
    public static IntegerNetwork? TryRead(ReadOnlySpan<byte> bytes)
    {
        NumberReader reader = new(bytes);
        if (reader.Byte() != Version || reader.Byte() is var bits && bits is < 8 or > 32 || ReadShape(ref reader) is not { } input)
        {
            return null;
        }
        double inputScale = reader.Double(), outputScale = reader.Double();
        int count = reader.UInt16();
        if (!(double.IsFinite(inputScale) && double.IsFinite(outputScale) && inputScale > 0 && outputScale > 0) || count is 0 or > MaxLayers)
        {
            return null;
        }
        Modulus modulus = new(bits);
        List<TensorShape> values = [input];
        List<IntegerLayer> layers = [];
        for (int i = 0; i < count; i++)
        {
            if (ReadLayer(ref reader, modulus, values) is not { } layer)
            {
                return null;
            }
            layers.Add(layer);
            values.Add(layer.Output);
        }
        return reader.IsAtEnd ? new IntegerNetwork(modulus, input, inputScale, layers, outputScale) : null;
    }

    static void Write(BinaryWriter writer, IntegerLayer layer)
    {
        writer.Write(layer switch { LinearLayer => (byte)1, NonlinearLayer => (byte)2, AddLayer => (byte)3, SumPoolLayer => (byte)4, _ => throw Unknown(layer) });
        foreach (int input in layer.Inputs)
        {
            writer.Write((ushort)input);
        }
        switch (layer)
        {
            case LinearLayer linear:
                Write(writer, linear.Shape.Input);
                writer.Write(linear.Shape.Filters);
                Write(writer, linear.Shape.Window);
                writer.Write(linear.WeightBound);
                foreach (long bias in linear.Bias!)
                {
                    writer.Write(bias);
                }
                break;
            case NonlinearLayer nonlinear:
                Write(writer, nonlinear.From);
                writer.Write(nonlinear.Pool is null ? (byte)0 : (byte)1);
                if (nonlinear.Pool is { } pool)
                {
                    Write(writer, pool);
                }
                writer.Write(nonlinear.Rectifies ? (byte)1 : (byte)0);
                writer.Write((byte)nonlinear.Truncation);
                writer.Write(nonlinear.Cap ?? -1);
                break;
            case AddLayer add:
                writer.Write((byte)add.ShiftFirst);
                writer.Write((byte)add.ShiftSecond);
                break;
            case SumPoolLayer sum:
                Write(writer, sum.From);
                Write(writer, sum.Window);
                break;
        }
    }

    static IntegerLayer? ReadLayer(ref NumberReader reader, Modulus modulus, List<TensorShape> values)
    {
        byte kind = reader.Byte();
        int input = reader.UInt16(), number = values.Count;
        if (input >= values.Count)
        {
            return null;
        }
        TensorShape shape = values[input];
        switch (kind)
        {
            case 1:
                if (ReadShape(ref reader) is not { } from || from.Count != shape.Count || reader.Int32() is var filters && filters is < 1 or > MaxElements
                    || ReadWindow(ref reader) is not { } window || !window.Fits(from) || !Sound(window, from, filters) || (long)filters * from.Channels * window.Area > int.MaxValue
                    || reader.Int32() is var bound && bound is < 1 or > 1 << 20 || reader.Left < (long)filters * 8)
                {
                    return null;
                }
                long[] bias = new long[filters];
                for (int i = 0; i < bias.Length; i++)
                {
                    bias[i] = reader.Int64();
                }
                return new LinearLayer($"{number}", input, new ConvolutionShape(from, filters, window), bound, null, bias);
            case 2:
                if (ReadShape(ref reader) is not { } source || source.Count != shape.Count || reader.Byte() is var pooled && pooled > 1)
                {
                    return null;
                }
                Window? pool = pooled == 1 ? ReadWindow(ref reader) : null;
                int rectifies = reader.Byte(), truncation = reader.Byte();
                long cap = reader.Int64();
                return (pooled == 1) == pool.HasValue && (pool is not { } w || Pools(w, source)) && rectifies <= 1 && truncation <= modulus.Bits - 2 && cap >= -1 && cap <= modulus.Greatest
                    ? new NonlinearLayer($"{number}", input, source, pool, rectifies == 1, truncation, cap < 0 ? null : cap)
                    : null;
            case 3:
                int second = reader.UInt16(), shiftFirst = reader.Byte(), shiftSecond = reader.Byte();
                return second < values.Count && values[second].Count == shape.Count && shiftFirst < modulus.Bits && shiftSecond < modulus.Bits
                    ? new AddLayer($"{number}", input, second, shape, shiftFirst, shiftSecond)
                    : null;
            case 4:
                return ReadShape(ref reader) is { } summed && summed.Count == shape.Count && ReadWindow(ref reader) is { } sums && Pools(sums, summed)
                    ? new SumPoolLayer($"{number}", input, summed, sums)
                    : null;
            default:
                return null;
        }
    }

    /// <summary>No window lies in the padding alone, and the output is of a size that is stored.</summary>
    static bool Pools(Window window, TensorShape from) => window.Fits(from) && Sound(window, from, from.Channels)
        && window.Top < window.Height && window.Left < window.Width && window.Bottom < window.Height && window.Right < window.Width;

    static bool Sound(Window window, TensorShape from, int channels)
    {
        long height = ((from.Height + (long)window.Top + window.Bottom - window.Height) / window.StrideY) + 1;
        long width = ((from.Width + (long)window.Left + window.Right - window.Width) / window.StrideX) + 1;
        return height * width <= MaxElements && height * width * channels <= MaxElements;
    }

    static void Write(BinaryWriter writer, TensorShape shape)
    {
        writer.Write(shape.Channels);
        writer.Write(shape.Height);
        writer.Write(shape.Width);
    }

    static void Write(BinaryWriter writer, Window window)
    {
        foreach (int side in (int[])[window.Height, window.Width, window.StrideY, window.StrideX, window.Top, window.Left, window.Bottom, window.Right])
        {
            writer.Write(side);
        }
    }

    static TensorShape? ReadShape(ref NumberReader reader)
    {
        TensorShape shape = new(reader.Int32(), reader.Int32(), reader.Int32());
        return shape is { Channels: > 0 and <= MaxElements, Height: > 0 and <= MaxElements, Width: > 0 and <= MaxElements }
            && (Int128)shape.Channels * shape.Height * shape.Width <= MaxElements ? shape : null;
    }

    static Window? ReadWindow(ref NumberReader reader)
    {
        Window window = new(
            reader.Int32(), reader.Int32(), reader.Int32(), reader.Int32(), reader.Int32(), reader.Int32(), reader.Int32(), reader.Int32());
        // Every other window is caught by whether it fits somewhere.
        return window is { Height: > 0 and < 4_096, Width: > 0 and < 4_096 } ? window : null;
    }

    static ArgumentException Unknown(IntegerLayer layer) => new($"'{layer.Name}' is of a kind that an enclave does not know.", nameof(layer));
}
