using System.Globalization;
using System.Net;
using System.Text;

namespace Funion.Cli.Console;

/// <summary>A row of small line charts, as one SVG picture: axes, a grid, lines with dots, a legend. Nothing else is needed, so no library is.</summary>
sealed class Svg
{
    const int Width = 380, Height = 300, Left = 56, Right = 16, Top = 40, Bottom = 84;

    static readonly string[] s_colours = ["#1f5fa8", "#c2410c", "#15803d", "#7c3aed"];

    readonly StringBuilder _charts = new();
    int _count;

    /// <summary>Adds a chart; <paramref name="highest"/> is the upper end of its vertical axis, which begins at 0.</summary>
    public void Add(string title, string horizontal, string vertical, double highest, IReadOnlyList<(string Name, IReadOnlyList<(double X, double Y)> Points)> lines)
    {
        double[] xs = [.. lines.SelectMany(line => line.Points).Select(point => point.X).Distinct().Order()];
        // Equal steps from value to value: they are chosen points of an experiment, often over decades.
        double X(double x) => Left + ((Width - Left - Right) * (xs.Length == 1 ? 0.5 : Array.IndexOf(xs, x) / (double)(xs.Length - 1)));
        double Y(double y) => Height - Bottom - ((Height - Top - Bottom) * Math.Clamp(y / highest, 0, 1));
        _charts.Append(Invariant($"<g transform=\"translate({_count++ * Width},0)\">"));
        Text(Width / 2, 22, "middle", title, bold: true);
        for (int i = 0; i <= 4; i++)
        {
            double value = highest * i / 4;
            _charts.Append(Invariant($"<path d=\"M{Left} {Y(value):F1}H{Width - Right}\" stroke=\"#ddd\"/>"));
            Text(Left - 6, Y(value) + 4, "end", value.ToString("0.##", CultureInfo.InvariantCulture));
        }
        foreach (double x in xs)
        {
            Text(X(x), Height - Bottom + 16, "middle", x.ToString(x >= 1e5 ? "0.#e0" : "0.##", CultureInfo.InvariantCulture));
        }
        Text((Left + Width - Right) / 2.0, Height - Bottom + 34, "middle", horizontal);
        _charts.Append(Invariant($"<g transform=\"translate(14,{(Top + Height - Bottom) / 2}) rotate(-90)\">"));
        Text(0, 0, "middle", vertical);
        _charts.Append("</g>");
        for (int i = 0; i < lines.Count; i++)
        {
            string colour = s_colours[i % s_colours.Length];
            string path = string.Join(' ', lines[i].Points.Select((point, at) => Invariant($"{(at == 0 ? 'M' : 'L')}{X(point.X):F1} {Y(point.Y):F1}")));
            _charts.Append(Invariant($"<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
            foreach ((double x, double y) in lines[i].Points)
            {
                _charts.Append(Invariant($"<circle cx=\"{X(x):F1}\" cy=\"{Y(y):F1}\" r=\"3\" fill=\"{colour}\"/>"));
            }
            double at = Height - Bottom + 52 + (i * 15);
            _charts.Append(Invariant($"<path d=\"M{Left} {at - 4}h16\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
            Text(Left + 22, at, "start", lines[i].Name);
        }
        _charts.Append("</g>\n");
    }

    public override string ToString() => Invariant(
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width * _count} {Height}\" font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{_charts}</svg>\n");

    void Text(double x, double y, string anchor, string text, bool bold = false) => _charts.Append(Invariant(
        $"<text x=\"{x:F1}\" y=\"{y:F1}\" text-anchor=\"{anchor}\"{(bold ? " font-weight=\"bold\" font-size=\"13\"" : "")}>{WebUtility.HtmlEncode(text)}</text>"));

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
