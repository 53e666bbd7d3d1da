namespace Funion.Network;

/// <summary>One input or output of a model.</summary>
/// <param name="Name">As in the ONNX graph.</param>
/// <param name="Datatype">Open Inference Protocol name: FP32, INT64, UINT8 …</param>
/// <param name="Shape">Dimensions; -1 is free.</param>
public sealed record TensorSpec(string Name, string Datatype, IReadOnlyList<long> Shape);
