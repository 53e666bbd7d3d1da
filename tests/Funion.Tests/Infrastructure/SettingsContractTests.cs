using System.Text.Json;
using Funion.Cli.Nodes;
using Funion.Hosting;
using Funion.Network;
using Funion.Tests.Architecture;

namespace Funion.Tests.Infrastructure;

/// <summary>Settings by the same names, and with the same values, in samples, templates and code.</summary>
public sealed class SettingsContractTests
{
    static string Sample => Path.Combine(Repository.Root, "local.settings.sample.json");

    [Fact]
    public void The_sample_names_settings_that_are_read()
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Sample));
        string[] names = [.. json.RootElement.GetProperty("Values").EnumerateObject().Select(value => value.Name)];
        // On a developer's machine the host's connection is one text.
        Assert.Empty(names.Except(AppContract.Settings).Except(["AzureWebJobsStorage"]).Except(AppContract.NodeFunctions.Select(name => $"AzureWebJobs.{name}.Disabled")));
        // Triggers name queues by these two, and nothing stands in for them in a function app.
        Assert.Superset(new HashSet<string> { "FUNION_PREFIX", "FUNION_ROLE" }, names.ToHashSet());
    }

    [Fact]
    public void The_sample_is_a_whole_set_of_settings()
    {
        NodeSettings settings = NodeSettings.Read(NodeSettingsFile.Read(Sample));
        Assert.Equal(("gateway-0", NodeRole.Gateway, "gateway-0", true), (settings.Node, settings.Role, settings.Prefix, settings.Peers.All));
        Assert.Equal(LocalNetworkPlan.KeyFile(NodeRole.Gateway, 0, 0), Path.GetFileName(settings.Keys));
    }

    [Theory]
    [InlineData("infra/main.bicep", "latencyProfile", typeof(LatencyProfile))]
    [InlineData("infra/main.bicep", "queues", typeof(QueueKind))]
    [InlineData("infra/app/node.bicep", "queues", typeof(QueueKind))]
    [InlineData("infra/app/inference.bicep", "queues", typeof(QueueKind))]
    public void A_template_allows_the_values_that_the_code_reads(string path, string parameter, Type choice)
    {
        BicepNode found = BicepSyntax.Repository.Single(file => file.Path == path).Parameters.Single(node => node.Name == parameter);
        string[] allowed = [.. found.Descendants().Concat(Before(path, found))
            .First(node => node.Kind == "decorator" && node.Text.StartsWith("@allowed", StringComparison.Ordinal)).Of("string").Select(text => text.Literal!)];
        Assert.Equal(Enum.GetNames(choice).Select(name => name.ToLowerInvariant()).Order(), allowed.Order());
    }

    [Fact]
    public void A_node_that_templates_describe_reads_its_settings()
    {
        // Names and fixed values as in settings.bicep; what a deployment fills in stands as an example.
        Dictionary<string, string> examples = new()
        {
            ["node.name"] = "mix-1-0", ["node.role"] = "mix", ["network.queues"] = "storage", ["network.latencyProfile"] = "economical",
            ["network.authorities"] = "{}", ["node.peers"] = "mix-2-0=https://account.queue.core.windows.net/mix-2-0;mix-2-1=sb://bus.servicebus.windows.net/mix-2-1",
        };
        BicepNode function = BicepSyntax.Repository.Single(file => file.Path == "infra/app/settings.bicep").Root.Of("user_defined_function")
            .Single(node => node.Name == "nodeSettings");
        Dictionary<string, string?> values = function.Of("object").First().Properties().ToDictionary(
            property => property.Key.Replace("__", ":", StringComparison.Ordinal), string? (property) => examples.GetValueOrDefault(property.Value.Text, "https://place.example/"));
        NodeSettings settings = NodeSettings.Read(Configuration(values));
        Assert.Equal((NodeRole.Mix, "mix-1-0", LatencyProfile.Economical), (settings.Role, settings.Prefix, settings.LatencyProfile));
        Assert.Equal("mix-2-1", settings.Peers.Find("mix-2-1")?.Prefix);
    }

    static Microsoft.Extensions.Configuration.IConfiguration Configuration(Dictionary<string, string?> values) =>
        Microsoft.Extensions.Configuration.MemoryConfigurationBuilderExtensions
            .AddInMemoryCollection(new Microsoft.Extensions.Configuration.ConfigurationBuilder(), values).Build();

    /// <summary>Decorators stand beside their declaration, before it.</summary>
    static IEnumerable<BicepNode> Before(string path, BicepNode declaration) => BicepSyntax.Repository.Single(file => file.Path == path).Root.Children
        .Where(node => node.Line < declaration.Line).Reverse().TakeWhile(node => node.Kind.StartsWith("decorator", StringComparison.Ordinal))
        .SelectMany(node => node.Descendants().Prepend(node));
}
