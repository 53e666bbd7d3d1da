namespace Funion.Models.Digits;

/// <summary>
/// Draws digits as no two people write them: every picture has its own slant, size, place, bends, pen, blur and noise. 28 × 28, white on black, 0 to 1.
/// </summary>
sealed class DigitPainter(int seed)
{
    public const int Side = 28;

    readonly Random _random = new(seed);

    /// <summary>A picture in one of the trained styles.</summary>
    public float[] Training(int digit) => Draw(digit, _random.Next(DigitSkeletons.TrainingStyles(digit)));

    /// <summary>A picture in the style that is never trained on.</summary>
    public float[] HeldOut(int digit) => Draw(digit, DigitSkeletons.TrainingStyles(digit));

    float[] Draw(int digit, int style)
    {
        (float X, float Y)[][] strokes = [.. DigitSkeletons.Strokes(digit, style).Select(Bend)];
        Transform(strokes);
        float radius = Between(0.75f, 1.75f), softness = Between(0.5f, 1.1f), ink = Between(0.75f, 1f), noise = Between(0, 0.08f);
        float[] picture = new float[Side * Side];
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                float distance = Distance(strokes, x + 0.5f, y + 0.5f);
                float value = ink / (1 + MathF.Exp((distance - radius) / (0.35f * softness))) + (noise * Normal());
                picture[(y * Side) + x] = Math.Clamp(value, 0, 1);
            }
        }
        return picture;
    }

    /// <summary>Elastic: two slow waves of random direction, and a tremor of the hand.</summary>
    (float X, float Y)[] Bend((float X, float Y)[] stroke)
    {
        float ax = Between(-0.06f, 0.06f), ay = Between(-0.06f, 0.06f), fx = Between(2, 6), fy = Between(2, 6), px = Between(0, 6.3f), py = Between(0, 6.3f);
        float tremor = Between(0, 0.012f);
        return [.. stroke.Select(point => (
            point.X + (ax * MathF.Sin((fx * point.Y) + px)) + (tremor * Normal()), point.Y + (ay * MathF.Sin((fy * point.X) + py)) + (tremor * Normal())))];
    }

    void Transform((float X, float Y)[][] strokes)
    {
        float angle = Between(-0.26f, 0.26f), shear = Between(-0.3f, 0.3f), width = Between(14, 22), height = Between(17, 23);
        float dx = (Side / 2f) + Between(-2.2f, 2.2f), dy = (Side / 2f) + Between(-2.2f, 2.2f), cos = MathF.Cos(angle), sin = MathF.Sin(angle);
        foreach ((float X, float Y)[] stroke in strokes)
        {
            for (int i = 0; i < stroke.Length; i++)
            {
                float x = (stroke[i].X - 0.5f) * width, y = (stroke[i].Y - 0.5f) * height;
                x -= shear * y;
                stroke[i] = ((cos * x) - (sin * y) + dx, (sin * x) + (cos * y) + dy);
            }
        }
    }

    static float Distance((float X, float Y)[][] strokes, float x, float y)
    {
        float best = float.MaxValue;
        foreach ((float X, float Y)[] stroke in strokes)
        {
            for (int i = 0; i + 1 < stroke.Length; i++)
            {
                (float ax, float ay) = stroke[i];
                float bx = stroke[i + 1].X - ax, by = stroke[i + 1].Y - ay, length = (bx * bx) + (by * by);
                float t = length < 1e-9f ? 0 : Math.Clamp((((x - ax) * bx) + ((y - ay) * by)) / length, 0, 1);
                float ex = x - ax - (t * bx), ey = y - ay - (t * by);
                best = Math.Min(best, (ex * ex) + (ey * ey));
            }
        }
        return MathF.Sqrt(best);
    }

    float Between(float low, float high) => low + ((high - low) * (float)_random.NextDouble());

    float Normal() => MathF.Sqrt(-2 * MathF.Log(1 - (float)_random.NextDouble())) * MathF.Cos(2 * MathF.PI * (float)_random.NextDouble());
}
