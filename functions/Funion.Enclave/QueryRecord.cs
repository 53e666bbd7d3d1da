using System.Security.Cryptography;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Enclave;

/// <summary>
/// A query between two layers, as it is sealed: the values that are still needed, or the result that was sealed once and is sent as it is.
/// <code>
/// query = name 32 ‖ model 32 ‖ recipient 32 ‖ layer 4 ‖ length 4 ‖ result ‖ number of values 2 ‖ (its number 2 ‖ l bits each)…
/// </code>
/// </summary>
/// <param name="Name">Of the question.</param>
/// <param name="Model">Of the model.</param>
/// <param name="Recipient">For whom the answer is sealed.</param>
/// <param name="Run">What is under way; null once there is a result.</param>
/// <param name="Result">Receipt and sealed answer; empty before.</param>
sealed record QueryRecord(Bytes32 Name, Bytes32 Model, Bytes32 Recipient, Evaluation? Run, byte[] Result) : IDisposable
{
    public byte[] ToBytes(Modulus modulus)
    {
        using MemoryStream bytes = new();
        using BinaryWriter writer = new(bytes);
        writer.Write(Name.AsSpan());
        writer.Write(Model.AsSpan());
        writer.Write(Recipient.AsSpan());
        writer.Write(Run?.Layer ?? 0);
        writer.Write(Result.Length);
        writer.Write(Result);
        ReadOnlySpan<RingTensor?> values = Run is null ? [] : Run.Values;
        ushort count = 0;
        foreach (RingTensor? value in values)
        {
            count += value is null ? (ushort)0 : (ushort)1;
        }
        writer.Write(count);
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
            {
                byte[] packed = GC.AllocateUninitializedArray<byte>(modulus.ByteSize(value.Elements.Length), pinned: true);
                BitPacking.Write(value.Elements, modulus.Bits, packed);
                writer.Write((ushort)i);
                writer.Write(packed);
                CryptographicOperations.ZeroMemory(packed);
            }
        }
        byte[] written = bytes.ToArray();
        CryptographicOperations.ZeroMemory(bytes.GetBuffer());
        return written;
    }

    /// <summary>Reads what was sealed here; null when it is of no model that is there.</summary>
    public static QueryRecord? TryRead(ReadOnlySpan<byte> bytes, Func<Bytes32, EnclaveModel?> find)
    {
        NumberReader reader = new(bytes);
        (Bytes32 name, Bytes32 model, Bytes32 recipient) = (reader.Bytes32(), reader.Bytes32(), reader.Bytes32());
        int layer = reader.Int32();
        byte[] result = reader.Sized().ToArray();
        int count = reader.UInt16();
        if (find(model) is not { } found)
        {
            return null;
        }
        IntegerNetwork network = found.Network;
        RingTensor?[] values = new RingTensor?[network.Layers.Count + 1];
        for (int i = 0; i < count; i++)
        {
            int number = reader.UInt16();
            if (number >= values.Length || values[number] is not null)
            {
                return null;
            }
            TensorShape shape = number == 0 ? network.Input : network.Layers[number - 1].Output;
            values[number] = RingTensor.TryRead(network.Modulus, shape, reader.Take(network.Modulus.ByteSize(shape.Count)));
        }
        return !reader.IsAtEnd || (result.Length == 0 && !Suffices(network, layer, values)) ? null : new QueryRecord(name, model, recipient, result.Length > 0 ? null : new Evaluation(found, layer, values), result);
    }

    /// <inheritdoc/>
    public void Dispose() => Run?.Dispose();

    /// <summary>Whether all values that layers from this one on take from before it are there, and no others.</summary>
    static bool Suffices(IntegerNetwork network, int layer, RingTensor?[] values) =>
        layer >= 0 && layer < network.Layers.Count && values[(layer + 1)..].All(value => value is null)
        && network.Layers.Skip(layer).SelectMany(later => later.Inputs).All(input => input > layer || values[input] is not null);
}
