using Funion.Cryptography;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>
/// What both parties must mean by a model: ring, scales, layers and how they hang together. No weights and no names: those are the server's affair, and
/// a hash of weights would let a client test guesses of them. Whoever has it knows which kinds of layers of which sizes there are, how far values reach on
/// the server's samples to a power of two, and the greatest weight of each layer in units of its scale.
/// <code>
/// architecture = "funion-two-party-architecture-v1" ‖ l 4 ‖ input shape 12 ‖ input scale f64 ‖ output scale f64 ‖ layers 4 ‖ layer …
/// layer        = kind 4 ‖ inputs 4 ‖ input 4 … ‖ output shape 12 ‖ by its kind:
///   1 linear      input shape 12 ‖ window 32 ‖ weight bound 4
///   2 non-linear  input shape 12 ‖ window 32 ‖ rectifies 1 ‖ truncation 4 ‖ cap 8, −1 for none
///   3 addition    shift 4 ‖ shift 4
///   4 sums        input shape 12 ‖ window 32
///   5 quadratic   truncation 4 ‖ bits 4 ‖ square 8 ‖ linear 8 ‖ constant 8
/// </code>
/// Little-endian. <see cref="ArchitectureReader"/> reads it.
/// </summary>
public static class ArchitectureFormat
{
    internal static ReadOnlySpan<byte> Label => "funion-two-party-architecture-v1"u8;

    /// <summary>BLAKE2b-256 of the architecture: what the network document says of a model.</summary>
    public static Bytes32 Digest(IntegerNetwork network) => Digest(ToBytes(network));

    /// <summary>BLAKE2b-256 of an architecture's bytes.</summary>
    public static Bytes32 Digest(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Blake2b.Hash256(bytes, hash);
        return new Bytes32(hash);
    }

    /// <summary>The architecture of a network, with or without weights.</summary>
    public static byte[] ToBytes(IntegerNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write(Label);
        writer.Write(network.Modulus.Bits);
        Write(writer, network.Input);
        writer.Write(network.InputScale);
        writer.Write(network.OutputScale);
        writer.Write(network.Layers.Count);
        foreach (IntegerLayer layer in network.Layers)
        {
            Write(writer, layer);
        }
        return bytes.ToArray();
    }

    static void Write(BinaryWriter writer, IntegerLayer layer)
    {
        writer.Write(layer switch { LinearLayer => 1, NonlinearLayer => 2, AddLayer => 3, SumPoolLayer => 4, QuadraticLayer => 5, _ => throw Unknown(layer) });
        writer.Write(layer.Inputs.Count);
        foreach (int input in layer.Inputs)
        {
            writer.Write(input);
        }
        Write(writer, layer.Output);
        switch (layer)
        {
            case LinearLayer linear:
                Write(writer, linear.Shape.Input);
                Write(writer, linear.Shape.Window);
                writer.Write(linear.WeightBound);
                break;
            case NonlinearLayer nonlinear:
                Write(writer, nonlinear.From);
                Write(writer, nonlinear.Pool ?? Window.Point);
                writer.Write(nonlinear.Rectifies);
                writer.Write(nonlinear.Truncation);
                writer.Write(nonlinear.Cap ?? -1);
                break;
            case AddLayer add:
                writer.Write(add.ShiftFirst);
                writer.Write(add.ShiftSecond);
                break;
            case SumPoolLayer pool:
                Write(writer, pool.From);
                Write(writer, pool.Window);
                break;
            case QuadraticLayer quadratic:
                writer.Write(quadratic.Truncation);
                writer.Write(quadratic.Bits);
                writer.Write(quadratic.Square);
                writer.Write(quadratic.Linear);
                writer.Write(quadratic.Constant);
                break;
        }
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

    static ArgumentException Unknown(IntegerLayer layer) => new($"'{layer.Name}' is of a kind that the two-party mode does not know.", nameof(layer));
}
