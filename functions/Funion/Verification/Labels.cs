using Funion.Inference;

namespace Funion.Verification;

/// <summary>Labels of classifiers: the first FP32 output has a score for each class, the highest one's number is the label.</summary>
public static class Labels
{
    /// <summary>The label that an encoded answer says; null when it says none.</summary>
    public static int? Of(ReadOnlyMemory<byte> output) => Scores(output) is { Length: > 0 } scores ? Array.IndexOf(scores, scores.Max()) : null;

    /// <summary>How far the highest score lies above the next; null when there are no two.</summary>
    public static double? Margin(ReadOnlyMemory<byte> output) =>
        Scores(output) is { Length: > 1 } scores && scores.OrderDescending().Take(2).ToArray() is [var first, var second] ? (double)first - second : null;

    static float[]? Scores(ReadOnlyMemory<byte> output) =>
        TensorCodec.TryParse(output) is { } tensors && tensors.FirstOrDefault(tensor => tensor.Datatype == Datatype.FP32) is { } scores
            && !scores.ToFloats().Any(float.IsNaN) ? scores.ToFloats() : null;
}
