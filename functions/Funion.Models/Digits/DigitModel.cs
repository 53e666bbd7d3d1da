namespace Funion.Models.Digits;

/// <summary>The sample model as it is checked in: digits of 28 × 28, white on black, FP32 from 0 to 1, to ten logits.</summary>
public static class DigitModel
{
    /// <summary>Name under which it is served.</summary>
    public const string Name = "digits";

    /// <summary>Names of its classes.</summary>
    public static IReadOnlyList<string> Labels { get; } = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// <summary>The ONNX file.</summary>
    public static byte[] File() => Resource("digits.onnx");

    /// <summary>A picture of a seven, in a style that the model never saw, as a PNG file.</summary>
    public static byte[] SamplePicture() => Resource("sample-7.png");

    static byte[] Resource(string name)
    {
        using Stream stream = typeof(DigitModel).Assembly.GetManifestResourceStream(name)!;
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
