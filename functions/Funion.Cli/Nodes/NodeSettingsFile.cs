using System.Text.Json;
using Funion.Hosting;
using Microsoft.Extensions.Configuration;

namespace Funion.Cli.Nodes;

/// <summary>Settings as the Functions Core Tools read them: the <c>Values</c> of a <c>local.settings.json</c>; environment variables go before.</summary>
static class NodeSettingsFile
{
    public static IConfiguration Read(string? file)
    {
        ConfigurationBuilder builder = new();
        if (file is not null)
        {
            builder.AddInMemoryCollection(Values(file));
        }
        return builder.AddEnvironmentVariables().Build();
    }

    static IEnumerable<KeyValuePair<string, string?>> Values(string file)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(
                File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return [.. json.RootElement.GetProperty("Values").EnumerateObject().Select(value => KeyValuePair.Create(
                value.Name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), value.Value.GetString()))];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new NodeSettingsException(file, "is no file of settings");
        }
    }
}
