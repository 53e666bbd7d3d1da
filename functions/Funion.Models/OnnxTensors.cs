using Funion.Inference;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Funion.Models;

/// <summary>Between our types of elements and ONNX Runtime's.</summary>
static class OnnxTensors
{
    static readonly (TensorElementType Onnx, Datatype Ours)[] s_types =
    [
        (TensorElementType.Float, Datatype.FP32), (TensorElementType.Double, Datatype.FP64), (TensorElementType.Float16, Datatype.FP16),
        (TensorElementType.Int64, Datatype.Int64), (TensorElementType.Int32, Datatype.Int32), (TensorElementType.Int16, Datatype.Int16),
        (TensorElementType.Int8, Datatype.Int8), (TensorElementType.UInt64, Datatype.UInt64), (TensorElementType.UInt32, Datatype.UInt32),
        (TensorElementType.UInt16, Datatype.UInt16), (TensorElementType.UInt8, Datatype.UInt8), (TensorElementType.Bool, Datatype.Bool),
    ];

    /// <summary>Null for strings and what else cannot be sent.</summary>
    public static Datatype? DatatypeOf(TensorElementType type) => Array.Find(s_types, pair => pair.Onnx == type) is { Onnx: not 0 } found ? found.Ours : null;

    /// <summary>The other way.</summary>
    public static TensorElementType TypeOf(Datatype datatype) => Array.Find(s_types, pair => pair.Ours == datatype).Onnx;
}
