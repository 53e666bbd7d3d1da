using System.Text.Json;
using Funion.Tests.Architecture;

namespace Funion.Tests.Infrastructure;

/// <summary><c>infra/app/roles.json</c>: what every Bicep file reads about roles, queues, functions and who sends to whom.</summary>
sealed record RolesFile(
    Dictionary<string, string[]> Queues, Dictionary<string, Dictionary<string, string>> Sends, Dictionary<string, Dictionary<string, string[]>> Functions,
    Dictionary<string, Dictionary<string, string[]>> Uses, Dictionary<string, Dictionary<string, string[]>> AlwaysReady)
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    public static string Text() => File.ReadAllText(Path.Combine(Repository.Root, "infra", "app", "roles.json"));

    public static RolesFile Parse(string text) => JsonSerializer.Deserialize<RolesFile>(text, s_json)!;

    /// <summary>Every function that the file names, with the app it belongs to.</summary>
    public IEnumerable<(string App, string Function)> Named() =>
        Functions.SelectMany(app => app.Value.SelectMany(group => group.Value.Select(function => (app.Key, function))))
        .Concat(Uses.SelectMany(role => role.Value.SelectMany(group => group.Value.Select(function => (role.Key == "compute" ? "inference" : "node", function)))))
        .Concat(AlwaysReady.SelectMany(role => role.Value.SelectMany(group => group.Value)).Where(group => group.StartsWith("function:", StringComparison.Ordinal))
            .Select(group => ("node", group["function:".Length..])));
}
