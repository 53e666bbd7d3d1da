using Funion.Inference;
using Funion.Verification;

namespace Funion.Tests.Verification;

/// <summary>Pools of a model that doubles its two numbers.</summary>
static class Pools
{
    public static Bytes32 Model { get; } = new([.. Enumerable.Repeat((byte)7, 32)]);

    public static SamplePool Of(int certified, int labelled, int from = 0, Tolerance tolerance = default) => new()
    {
        Model = Model, Form = SampleForm.Plain, Promised = labelled == 0 ? 0 : 0.9, Licence = "nobody's — ✓", Tolerance = tolerance,
        Certified = [.. Enumerable.Range(from, certified).Select(i => (Input(i, 1), Output(i, 1)))],
        Labelled = [.. Enumerable.Range(from, labelled).Select(i => (Input(i, 2), i % 10))],
    };

    public static ReadOnlyMemory<byte> Input(params float[] values) => TensorCodec.Encode([Tensor.Of("x", [1, values.Length], values)]);

    public static ReadOnlyMemory<byte> Output(params float[] values) => TensorCodec.Encode([Tensor.Of("y", [1, values.Length], [.. values.Select(value => 2 * value)])]);
}
