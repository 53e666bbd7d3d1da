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

    /// <summary>Draws so many digits and makes a pool of them.</summary>
    public static SamplePool Make(ModelRunner model, int certified, int labelled, double noise = Noise)
    {
        ArgumentNullException.ThrowIfNull(model);
        // Whoever could guess the seed would know the samples: 31 bits are the painter's, so pictures come from many painters.
        return SamplePoolMaker.Make(
            model, [.. Enumerable.Range(0, certified).Select(i => Draw(i % DigitNet.Classes))],
            [.. Enumerable.Range(0, labelled).Select(i => (Draw(i % DigitNet.Classes), i % DigitNet.Classes))], noise, null, "drawn by this program; no rights are claimed");
    }

    static IReadOnlyList<Tensor> Draw(int digit)
    {
        DigitPainter painter = new(RandomNumberGenerator.GetInt32(int.MaxValue));
        float[] picture = RandomNumberGenerator.GetInt32(2) == 0 ? painter.HeldOut(digit) : painter.Training(digit);
        return [Tensor.Of("image", [1, 1, DigitPainter.Side, DigitPainter.Side], picture)];
    }
}
