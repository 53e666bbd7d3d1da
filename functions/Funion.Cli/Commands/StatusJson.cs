using System.Text.Json.Nodes;
using Funion.Client;
using Funion.Mixing;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary>What <c>funion status</c> shows, from a session of its own or from a running serve.</summary>
static class StatusJson
{
    public static JsonObject Of(NetworkDocument document, LoopStatistics statistics, DateTimeOffset now) => new()
    {
        ["network"] = document.Name,
        ["sent"] = statistics.PacketsSent, ["received"] = statistics.RepliesReceived, ["resent"] = statistics.Resends,
        ["loops"] = new JsonObject { ["sent"] = statistics.LoopsSent, ["returned"] = statistics.LoopsReturned, ["lost"] = statistics.LoopsLost },
        ["models"] = new JsonArray([.. document.Models.Select(model => (JsonNode)ModelsCommand.Json(model))]),
        ["boundaries"] = new JsonArray([.. document.Models.SelectMany(model => model.BucketsMilliseconds.Select(bucket => Boundary(model, bucket, now)))]),
    };

    public static IEnumerable<string> Lines(JsonObject status)
    {
        yield return $"network {status["network"]}: {status["sent"]} packets sent, {status["received"]} replies, {status["resent"]} sent again";
        yield return $"loops: {status["loops"]!["sent"]} sent, {status["loops"]!["returned"]} back, {status["loops"]!["lost"]} lost";
        foreach (JsonNode? boundary in status["boundaries"]!.AsArray())
        {
            yield return $"{boundary!["model"]}, bucket {boundary["bucket_s"]} s: next boundary in {boundary["in_s"]} s";
        }
    }

    static JsonObject Boundary(ModelEntry model, int bucket, DateTimeOffset now)
    {
        DateTimeOffset next = new BucketGrid(TimeSpan.FromMilliseconds(bucket)).NextBoundary(now);
        return new JsonObject { ["model"] = model.Name, ["bucket_s"] = bucket / 1000.0, ["in_s"] = Math.Round((next - now).TotalSeconds, 1) };
    }
}
