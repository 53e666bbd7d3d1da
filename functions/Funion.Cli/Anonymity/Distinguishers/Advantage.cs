namespace Funion.Cli.Anonymity.Distinguishers;

/// <summary>How much better than a coin: 2·|accuracy − 1/2|, with the 95 % interval of Wilson (1927) for the accuracy.</summary>
/// <param name="Value">0: a coin; 1: never wrong.</param>
/// <param name="Low">Lower end; 0 when the interval of the accuracy holds 1/2.</param>
/// <param name="High">Upper end.</param>
readonly record struct Advantage(double Value, double Low, double High)
{
    const double Z = 1.959964;

    public static Advantage Of(long right, long rounds)
    {
        double n = rounds, p = right / n, z2 = Z * Z / n;
        double middle = (p + (z2 / 2)) / (1 + z2), half = Z / (1 + z2) * Math.Sqrt((p * (1 - p) / n) + (z2 / (4 * n)));
        double low = (2 * (middle - half)) - 1, high = (2 * (middle + half)) - 1;
        return new Advantage(
            Math.Abs((2 * p) - 1), low <= 0 && high >= 0 ? 0 : Math.Min(Math.Abs(low), Math.Abs(high)), Math.Max(Math.Abs(low), Math.Abs(high)));
    }
}
