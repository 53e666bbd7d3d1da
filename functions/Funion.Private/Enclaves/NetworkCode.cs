using System.Buffers.Binary;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Private.Enclaves;

/// <summary>
/// A network with its biases and without weights or names, as its owner seals it for an enclave. Hostile input: whoever seals it chooses it.
/// <code>
/// network = length 4 ‖ architecture ‖ biases, 8 each, of every linear layer
/// </code>
/// The architecture is <see cref="ArchitectureFormat"/>'s, as in the two-party mode.
/// </summary>
public static class NetworkCode
{
    /// <summary>The bytes.</summary>
    public static byte[] ToBytes(IntegerNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        byte[] architecture = ArchitectureFormat.ToBytes(network);
        long[] biases = [.. network.Layers.OfType<LinearLayer>().SelectMany(layer => layer.Bias!)];
        byte[] bytes = new byte[4 + architecture.Length + (8 * biases.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, architecture.Length);
        architecture.CopyTo(bytes, 4);
        for (int i = 0; i < biases.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4 + architecture.Length + (8 * i)), biases[i]);
        }
        return bytes;
    }

    /// <summary>Reads a network; null when the bytes are none, or one that contradicts itself.</summary>
    public static IntegerNetwork? TryRead(ReadOnlySpan<byte> bytes)
    {
        NumberReader reader = new(bytes);
        ReadOnlySpan<byte> architecture = reader.Sized();
        if (ArchitectureReader.TryRead(architecture, out IntegerNetwork? network) != ArchitectureOutcome.Ok || network!.Modulus.Bits > 32
            // Squares are for two parties: an enclave has its activations in the clear.
            || network.Quadratics > 0
            || reader.Left != 8L * network.Layers.OfType<LinearLayer>().Sum(layer => (long)layer.Shape.Filters))
        {
            return null;
        }
        List<IntegerLayer> layers = [];
        foreach (IntegerLayer layer in network.Layers)
        {
            layers.Add(layer is LinearLayer linear ? linear with { Bias = Biases(ref reader, linear.Shape.Filters) } : layer);
        }
        return reader.IsAtEnd ? network with { Layers = layers } : null;
    }

    static long[] Biases(ref NumberReader reader, int count)
    {
        long[] biases = new long[count];
        for (int i = 0; i < count; i++)
        {
            biases[i] = reader.Int64();
        }
        return biases;
    }
}
