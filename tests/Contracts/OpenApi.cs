using System.Text.Json.Nodes;
using Funion.Hosting;

namespace Funion.Contracts;

/// <summary>One answer of the published contract.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Route">The path.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Problem">The problem's URN; null where the answer is none.</param>
public sealed record PublishedAnswer(string Method, string Route, int Status, string? Problem);

/// <summary>Reads <c>openapi.json</c> as far as the tests compare it.</summary>
public static class OpenApi
{
    public static JsonNode Document { get; } = Read();

    /// <summary>Every answer of every route.</summary>
    public static IReadOnlyList<PublishedAnswer> Answers { get; } =
    [
        .. from path in Document["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           from answer in operation.Value!["responses"]!.AsObject()
           from problem in Problems(answer.Value!)
           select new PublishedAnswer(operation.Key.ToUpperInvariant(), path.Key, int.Parse(answer.Key, null), problem),
    ];

    /// <summary>What a reference within the document names, or the node itself.</summary>
    public static JsonNode Resolve(JsonNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if ((string?)node["$ref"] is not { } reference)
        {
            return node;
        }
        Assert.StartsWith("#/", reference, StringComparison.Ordinal);
        return reference[2..].Split('/').Aggregate(Document, (at, name) => at[name] ?? throw new InvalidDataException($"There is no {reference}."));
    }

    static IEnumerable<string?> Problems(JsonNode answer) =>
        Resolve(answer)["content"]?["application/problem+json"]?["schema"]?["properties"]?["type"]?["enum"] is JsonArray types
            ? types.Select(type => (string?)type)
            : [null];

    static JsonNode Read()
    {
        using Stream stream = typeof(NodeRoutes).Assembly.GetManifestResourceStream("openapi.json")!;
        return JsonNode.Parse(stream)!;
    }
}
