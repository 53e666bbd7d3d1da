using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Network;
using Funion.Roles;

namespace Funion.Hosting.Ingress;

/// <summary>Loop reports as <c>GET /v1/loops</c> gives them: totals, nothing of any packet.</summary>
public static class LoopsJson
{
    /// <summary>More than any node sends in its life; sums of so many nodes' fit an integer.</summary>
    const long Most = 1L << 40;

    /// <summary>Counters of many processes are not read at one moment.</summary>
    const long Apart = 1_000;

    const int MostNodes = 4096;

    /// <summary>Writes reports.</summary>
    public static JsonArray Of(IReadOnlyList<LoopReport> reports)
    {
        ArgumentNullException.ThrowIfNull(reports);
        return new([.. reports.Select(report => (JsonNode)new JsonObject
        {
            ["node"] = NodeDescriptor.NameOf(report.Role, report.Layer, report.Index),
            ["segment"] = report.Role == NodeRole.Mix ? $"layer {report.Layer}" : "gateways",
            ["sent"] = report.Sent, ["returned"] = report.Returned, ["lost"] = report.Lost, ["damaged"] = report.Damaged, ["late"] = report.Late,
        })]);
    }

    /// <summary>Reads what a node answered, which is its own word; null when it is none.</summary>
    public static IReadOnlyList<LoopReport>? TryRead(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(answer);
            if (parsed.RootElement.ValueKind != JsonValueKind.Array || parsed.RootElement.GetArrayLength() > MostNodes)
            {
                return null;
            }
            LoopReport[] reports = [.. parsed.RootElement.EnumerateArray().Select(Read).OfType<LoopReport>()];
            return reports.Length == parsed.RootElement.GetArrayLength() ? reports : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The latter: text that is no text, half a character for example.
            return null;
        }
    }

    static LoopReport? Read(JsonElement entry)
    {
        JsonFields fields = new(entry);
        string[] place = fields.Text("node", 32).Split('-');
        string segment = fields.Text("segment", 32);
        LoopReport report = new(NodeRole.Gateway, 0, -1, Total("sent"), Total("returned"), Total("lost"), Total("damaged"), Total("late"));
        report = place switch
        {
            ["mix", var layer, var index] => report with { Role = NodeRole.Mix, Layer = Number(layer), Index = Number(index) },
            [_, var index] => report with { Index = Number(index) },
            _ => report,
        };
        // Written again it is what was read, or it was nothing of ours.
        bool adds = report.Late <= report.Returned && report.Returned + report.Lost + report.Damaged <= report.Sent + Apart;
        return fields.Done && adds && report is { Layer: >= 0, Index: >= 0 } && string.Join('-', place) == NodeDescriptor.NameOf(report.Role, report.Layer, report.Index)
            && segment == (string?)Of([report])[0]!["segment"] ? report : null;
        long Total(string name) => fields.Integer(name, 0, Most);
    }

    static int Number(string text) => int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) ? number : -1;
}
