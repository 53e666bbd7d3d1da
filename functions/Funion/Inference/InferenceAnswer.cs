namespace Funion.Inference;

/// <summary>
/// What the output boxes hold: tensors or a failure.
/// <code>
/// 0 ‖ tensors        or        1 ‖ failure code u8
/// </code>
/// </summary>
/// <param name="Tensors">The result, or null.</param>
/// <param name="Failure">Why there is none, or null.</param>
public sealed record InferenceAnswer(IReadOnlyList<Tensor>? Tensors, InferenceFailure? Failure)
{
    /// <summary>Encodes a result.</summary>
    public static byte[] Result(IReadOnlyList<Tensor> tensors) => [0, .. TensorCodec.Encode(tensors)];

    /// <summary>Encodes a failure.</summary>
    public static byte[] Fail(InferenceFailure failure) => [1, (byte)failure];

    /// <summary>Decodes; null for anything else.</summary>
    public static InferenceAnswer? TryParse(ReadOnlyMemory<byte> bytes) => bytes.Span switch
    {
        [0, ..] when TensorCodec.TryParse(bytes[1..]) is { } tensors => new InferenceAnswer(tensors, null),
        [1, byte code] when Enum.IsDefined((InferenceFailure)code) => new InferenceAnswer(null, (InferenceFailure)code),
        _ => null,
    };
}
