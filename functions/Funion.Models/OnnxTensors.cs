using System.Runtime.InteropServices;
using Funion.Inference;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Funion.Models;

/// <summary>Between our tensors and ONNX Runtime's.</summary>
static class OnnxTensors
{
    public static Datatype? DatatypeOf(Type element) => element switch
    {
        _ when element == typeof(float) => Datatype.FP32,
        _ when element == typeof(double) => Datatype.FP64,
        _ when element == typeof(long) => Datatype.Int64,
        _ when element == typeof(int) => Datatype.Int32,
        _ when element == typeof(byte) => Datatype.UInt8,
        _ when element == typeof(bool) => Datatype.Bool,
        _ => null,
    };

    public static NamedOnnxValue ToOnnx(string name, Datatype datatype, long[] shape, byte[] data) => datatype switch
    {
        Datatype.FP32 => Value<float>(name, shape, data),
        Datatype.FP64 => Value<double>(name, shape, data),
        Datatype.Int64 => Value<long>(name, shape, data),
        Datatype.Int32 => Value<int>(name, shape, data),
        Datatype.UInt8 => Value<byte>(name, shape, data),
        Datatype.Bool => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<bool>(data.Select(value => value != 0).ToArray(), Dimensions(shape))),
        _ => throw new ModelException($"Tensors of {datatype.Name()} are not supported."),
    };

    public static Funion.Inference.Tensor FromOnnx(DisposableNamedOnnxValue value) => value.Value switch
    {
        Tensor<float> tensor => Tensor(value.Name, Datatype.FP32, tensor),
        Tensor<double> tensor => Tensor(value.Name, Datatype.FP64, tensor),
        Tensor<long> tensor => Tensor(value.Name, Datatype.Int64, tensor),
        Tensor<int> tensor => Tensor(value.Name, Datatype.Int32, tensor),
        Tensor<byte> tensor => Tensor(value.Name, Datatype.UInt8, tensor),
        Tensor<bool> tensor => Create(value.Name, Datatype.Bool, tensor.Dimensions, [.. tensor.ToArray().Select(item => (byte)(item ? 1 : 0))]),
        _ => throw new ModelException($"The output '{value.Name}' is not a tensor of a supported type."),
    };

    static NamedOnnxValue Value<T>(string name, long[] shape, byte[] data)
        where T : unmanaged =>
        NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(MemoryMarshal.Cast<byte, T>(data.AsSpan()).ToArray(), Dimensions(shape)));

    static Funion.Inference.Tensor Tensor<T>(string name, Datatype datatype, Tensor<T> tensor)
        where T : unmanaged => Create(name, datatype, tensor.Dimensions, MemoryMarshal.AsBytes(tensor.ToArray().AsSpan()).ToArray());

    static Funion.Inference.Tensor Create(string name, Datatype datatype, ReadOnlySpan<int> dimensions, byte[] data)
    {
        long[] shape = new long[dimensions.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = dimensions[i];
        }
        return Funion.Inference.Tensor.TryCreate(name, datatype, shape, data) ?? throw new ModelException($"The output '{name}' has too many dimensions.");
    }

    static int[] Dimensions(long[] shape) => [.. shape.Select(dimension => checked((int)dimension))];
}
