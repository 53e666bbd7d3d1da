using Funion.Mixing;
using Funion.Network;

namespace Funion.Inference;

/// <summary>Inputs that a model accepts and that mean nothing: every free dimension one, every element small.</summary>
public static class DummyInput
{
    /// <summary>An input for a model of the document.</summary>
    public static IReadOnlyList<Tensor> For(ModelEntry model, RandomSource random) => [.. model.Inputs.Select(spec =>
    {
        Datatype datatype = Datatypes.TryParse(spec.Datatype)!.Value;
        byte[] data = new byte[SizeClass.DataSize(spec)];
        // Zeros are a value of every type; a float's low mantissa bytes make it a tiny one.
        if (datatype is Datatype.FP32 or Datatype.UInt8)
        {
            random.Fill(data);
        }
        if (datatype == Datatype.FP32)
        {
            Span<float> values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(data.AsSpan());
            foreach (ref float value in values)
            {
                value = (BitConverter.SingleToUInt32Bits(value) >> 8) * (1f / (1 << 24));
            }
        }
        return Tensor.TryCreate(spec.Name, datatype, [.. spec.Shape.Select(dimension => Math.Max(1, dimension))], data)!;
    })];
}
