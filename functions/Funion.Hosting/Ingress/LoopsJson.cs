using System.Text.Json.Nodes;
using Funion.Network;
using Funion.Roles;

namespace Funion.Hosting.Ingress;

/// <summary>Loop reports as <c>GET /v1/loops</c> gives them: totals, nothing of any packet.</summary>
static class LoopsJson
{
    public static JsonArray Of(IReadOnlyList<LoopReport> reports) => new([.. reports.Select(report => (JsonNode)new JsonObject
    {
        ["node"] = report.Role == NodeRole.Mix ? $"mix-{report.Layer}-{report.Index}" : $"gateway-{report.Index}",
        ["segment"] = report.Role == NodeRole.Mix ? $"layer {report.Layer}" : "gateways",
        ["sent"] = report.Sent, ["returned"] = report.Returned, ["lost"] = report.Lost, ["damaged"] = report.Damaged,
        ["late"] = report.Late,
    })]);
}
