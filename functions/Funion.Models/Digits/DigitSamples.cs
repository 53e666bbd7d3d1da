using System.Security.Cryptography;
using Funion.Inference;
using Funion.Models.Samples;
using Funion.Verification;

namespace Funion.Models.Digits;

/// <summary>A pool for the sample model, or one like it, of digits that nobody has drawn before, in all styles.</summary>
public static class DigitSamples
{
    /// <summary>How far a pixel may be moved: less than the noise of the pictures.</summary>
    public const double Noise = 0.01;

    const string Licence = "drawn by this program; no rights are claimed";

    /// <summary>Draws so many digits and makes a pool of them.</summary>
    public static SamplePool Make(ModelRunner model, int certified, int labelled, double noise = Noise)
    {
        ArgumentNullException.ThrowIfNull(model);
        return SamplePoolMaker.Make(model, Draw(certified), [.. Labelled(labelled)], noise, null, Licence);
    }

    /// <summary>The same with another arithmetic, exact.</summary>
    /// <param name="sha256">Of the model's file, hex.</param>
    /// <param name="form">Whose arithmetic it is.</param>
    /// <param name="run">Encoded outputs to encoded inputs.</param>
    /// <param name="certified">How many to certify.</param>
    /// <param name="labelled">How many with labels.</param>
    public static SamplePool Make(string sha256, SampleForm form, Func<byte[][], byte[][]> run, int certified, int labelled) =>
        SamplePoolMaker.Make(sha256, form, run, Draw(certified), [.. Labelled(labelled)], 0, null, Licence);

    static IReadOnlyList<Tensor>[] Draw(int count) => [.. Labelled(count).Select(sample => sample.Input)];

    // Whoever could guess the seed would know the samples: 31 bits are the painter's, so pictures come from many painters.
    static IEnumerable<(IReadOnlyList<Tensor> Input, int Label)> Labelled(int count) =>
        Enumerable.Range(0, count).Select(i => (One(i % DigitNet.Classes), i % DigitNet.Classes));

    static IReadOnlyList<Tensor> One(int digit)
    {
        DigitPainter painter = new(RandomNumberGenerator.GetInt32(int.MaxValue));
        float[] picture = RandomNumberGenerator.GetInt32(2) == 0 ? painter.HeldOut(digit) : painter.Training(digit);
        return [Tensor.Of("image", [1, 1, DigitPainter.Side, DigitPainter.Side], picture)];
    }
}
