using System.Globalization;

namespace Funion.Cli.Planning;

/// <summary>Speeds of lines as people write them: 100Mbit/s, 1Gbit/s, 12.5MB/s.</summary>
static class LineSpeed
{
    /// <summary>In bytes a second; false for what is none.</summary>
    public static bool TryParse(string text, out double bytesPerSecond)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytesPerSecond = 0;
        string number = text;
        double unit = text.EndsWith("bit/s", StringComparison.Ordinal) ? 0.125 : text.EndsWith("B/s", StringComparison.Ordinal) ? 1 : 0;
        if (unit == 0)
        {
            return false;
        }
        number = unit < 1 ? text[..^5] : text[..^3];
        double prefix = number.Length == 0 ? 0 : number[^1] switch { 'k' => 1e3, 'M' => 1e6, 'G' => 1e9, _ => 1 };
        number = prefix > 1 ? number[..^1] : number;
        bool read = double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value);
        bytesPerSecond = value * prefix * unit;
        return read && bytesPerSecond > 0 && double.IsFinite(bytesPerSecond);
    }
}
