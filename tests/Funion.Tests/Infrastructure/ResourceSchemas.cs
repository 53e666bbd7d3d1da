using System.Collections.Concurrent;
using System.Text.Json;
using Funion.Tests.Architecture;

namespace Funion.Tests.Infrastructure;

/// <summary>Azure's resource schemas as Microsoft's tool in npm's <c>@azure/mcp-linux-x64</c> prints them, one version of each type. No network.</summary>
static class ResourceSchemas
{
    static readonly ConcurrentDictionary<string, Lazy<Task<ResourceSchema?>>> s_known = new(StringComparer.OrdinalIgnoreCase);

    // The tool takes a second to start and uses a core meanwhile.
    static readonly SemaphoreSlim s_places = new(Math.Max(2, Environment.ProcessorCount));

    /// <summary>The schema of a type, or null when the tool knows no such type.</summary>
    public static Task<ResourceSchema?> Of(string type) => s_known.GetOrAdd(type, static name => new(() => Ask(name))).Value;

    static async Task<ResourceSchema?> Ask(string type)
    {
        await s_places.WaitAsync();
        try
        {
            (int code, string answer, string errors) = await Task.Run(() => BicepSyntax.Run(Tool(), ["bicepschema", "get", "--resource-type", type]));
            if (code != 0)
            {
                Assert.True(
                    answer.Contains("not found", StringComparison.Ordinal) || answer.Contains("not present", StringComparison.Ordinal),
                    $"The schema tool ended with {code}: {answer}{errors}");
                return null;
            }
            using JsonDocument document = JsonDocument.Parse(answer);
            return new ResourceSchema(document.RootElement.GetProperty("results").GetProperty("BicepSchemaResult"));
        }
        finally
        {
            s_places.Release();
        }
    }

    static string Tool()
    {
        const string Package = "node_modules/@azure/mcp-linux-x64/dist/azmcp";
        for (DirectoryInfo? folder = new(Path.Combine(Repository.Root, "tests")); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Package)))
            {
                return Path.Combine(folder.FullName, Package);
            }
        }
        throw new InvalidOperationException($"{Package} is missing: make setup.");
    }
}
