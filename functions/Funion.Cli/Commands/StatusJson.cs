using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Client;
using Funion.Mixing;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary>What <c>funion status</c> shows, from a session of its own or from a running serve.</summary>
static class StatusJson
{
    public static JsonObject Of(NetworkDocument document, NodeId gateway, LoopStatistics statistics, DateTimeOffset now) => new()
    {
        ["network"] = document.Name, ["gateway"] = document.Node(gateway)!.Address,
        ["sent"] = statistics.PacketsSent, ["received"] = statistics.RepliesReceived, ["resent"] = statistics.Resends,
        ["answered"] = Math.Max(0, statistics.RepliesReceived - statistics.LoopsReturned),
        ["loops"] = new JsonObject
        {
            ["sent"] = statistics.LoopsSent, ["returned"] = statistics.LoopsReturned, ["lost"] = statistics.LoopsLost, ["damaged"] = statistics.LoopsDamaged,
            ["late"] = statistics.LoopsLate,
        },
        ["models"] = ModelsCommand.Json(document),
        ["boundaries"] = new JsonArray([.. document.Models.Where(model => !document.IsCarrier(model)).SelectMany(model => model.BucketsMilliseconds.Select(bucket => Boundary(model, bucket, now)))]),
    };

    public static IEnumerable<string> Lines(JsonObject status)
    {
        yield return $"network {status["network"]}: {status["sent"]} packets sent, {status["received"]} replies, {status["resent"]} sent again";
        yield return Line("your loops", [status["loops"]!]);
        // What knows loops from requests can spare the loops: then it is requests that tell.
        if (LoopLoss.Judge((long)status["answered"]!, (long)status["resent"]!, LoopLoss.ResendNoise) == LossVerdict.Attack)
        {
            yield return $"your requests: {status["answered"]} answered, {status["resent"]} sent again: more than noise; a service drops what it is asked, or cannot keep up";
        }
        foreach (IGrouping<string, JsonNode> segment in status["nodes"]?.AsArray().GroupBy(node => (string)node!["segment"]!, node => node!) ?? [])
        {
            yield return Line($"loops of {segment.Key}", [.. segment]);
        }
        foreach (JsonNode? boundary in status["boundaries"]!.AsArray())
        {
            yield return $"{boundary!["model"]}, bucket {boundary["bucket_s"]} s: next boundary in {boundary["in_s"]} s";
        }
    }

    static string Line(string name, IReadOnlyList<JsonNode> loops)
    {
        long Sum(string what) => loops.Sum(loop => (long?)loop[what] ?? 0);
        long sent = Sum("sent"), returned = Sum("returned"), lost = Sum("lost"), damaged = Sum("damaged"), late = Sum("late");
        LossVerdict together = LoopLoss.Judge(returned, lost, damaged, late);
        // One node that says it is well must not speak for its whole layer.
        LossVerdict verdict = loops.Any(loop => Judge(loop) == LossVerdict.Attack) ? LossVerdict.Attack : together;
        string meaning = verdict switch
        {
            LossVerdict.Attack => string.Create(
                CultureInfo.InvariantCulture,
                $": {100.0 * (lost + damaged + late) / Math.Max(1, returned + lost + damaged):F0} % is more than noise; somebody drops, marks or holds back packets there, or a node cannot keep up"),
            LossVerdict.Noise => ": within noise",
            LossVerdict.Unknown => ": too few to judge",
            _ => "",
        };
        return $"{name}: {sent} sent, {returned} back{(late > 0 ? $", {late} of them late" : "")}, {lost} lost{(damaged > 0 ? $", {damaged} changed" : "")}{meaning}";
    }

    static LossVerdict Judge(JsonNode loop)
    {
        long Of(string what) => (long?)loop[what] ?? 0;
        return LoopLoss.Judge(Of("returned"), Of("lost"), Of("damaged"), Of("late"));
    }

    static JsonObject Boundary(ModelEntry model, int bucket, DateTimeOffset now)
    {
        DateTimeOffset next = new BucketGrid(TimeSpan.FromMilliseconds(bucket)).NextBoundary(now);
        return new JsonObject { ["model"] = model.Name, ["bucket_s"] = bucket / 1000.0, ["in_s"] = Math.Round((next - now).TotalSeconds, 1) };
    }
}
