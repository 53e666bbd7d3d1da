namespace Funion.Private.Planning;

/// <summary>
/// Seconds = fixed + unit · amount, neither below zero, through measured points: least squares of relative errors, so that small amounts count as much as large ones.
/// </summary>
/// <param name="Fixed">Seconds of one call.</param>
/// <param name="Unit">Seconds of one more.</param>
public readonly record struct LineFit(double Fixed, double Unit)
{
    /// <summary>Fits; two points at least, of amounts and seconds above zero.</summary>
    public static LineFit Of(IReadOnlyList<(double Amount, double Seconds)> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentOutOfRangeException.ThrowIfLessThan(points.Count, 2, nameof(points));
        double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
        foreach ((double x, double y) in points)
        {
            if (!(x > 0 && y > 0))
            {
                throw new ArgumentOutOfRangeException(nameof(points), "Amounts and seconds are above zero.");
            }
            double weight = 1 / (y * y);
            (w, wx, wy, wxx, wxy) = (w + weight, wx + (weight * x), wy + (weight * y), wxx + (weight * x * x), wxy + (weight * x * y));
        }
        double determinant = (w * wxx) - (wx * wx);
        if (determinant <= 1e-12 * w * wxx)
        {
            throw new ArgumentException("Points of one amount make no line.", nameof(points));
        }
        LineFit line = new(((wxx * wy) - (wx * wxy)) / determinant, ((w * wxy) - (wx * wy)) / determinant);
        // The best of those that may be: through zero, or flat.
        return line.Fixed < 0 ? new LineFit(0, wxy / wxx) : line.Unit < 0 ? new LineFit(wy / w, 0) : line;
    }

    /// <summary>Of so many in so many calls.</summary>
    public double Seconds(double calls, double amount) => (calls * Fixed) + (amount * Unit);
}
