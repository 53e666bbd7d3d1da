using System.Globalization;

namespace Funion.Network;

/// <summary>Durations and rates as people write them: 200ms, 5s, 5m, 24h; 1/s, 0.2/s, 30/m, 16 (per second).</summary>
public static class Quantity
{
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        (string suffix, double milliseconds)[] units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
        foreach ((string suffix, double milliseconds) in units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && TryNumber(text[..^suffix.Length], out double number))
            {
                duration = TimeSpan.FromMilliseconds(Math.Round(number * milliseconds));
                return duration > TimeSpan.Zero;
            }
        }

        return false;
    }

    /// <summary>Events per 1,000 seconds, as the network document has them.</summary>
    public static bool TryParseRate(string text, out int perKilosecond)
    {
        perKilosecond = 0;
        (string number, double perSecond) = text switch
        {
            [.. var n, '/', 's'] => (n, 1.0),
            [.. var n, '/', 'm'] => (n, 1.0 / 60),
            _ => (text, 1.0),
        };
        if (!TryNumber(number, out double rate) || rate * perSecond > 10_000)
        {
            return false;
        }

        perKilosecond = (int)Math.Round(rate * perSecond * 1_000);
        return perKilosecond > 0;
    }

    static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && number is > 0 and < 1e6;
}
