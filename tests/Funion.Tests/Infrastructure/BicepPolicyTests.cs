using System.Globalization;
using System.Text.RegularExpressions;
using Funion.Network;

namespace Funion.Tests.Infrastructure;

/// <summary>Rules of the protocol that the infrastructure must keep, and names that both sides use.</summary>
public sealed partial class BicepPolicyTests
{
    /// <summary>Built-in roles that nodes and operators get; no other is assigned.</summary>
    static readonly Dictionary<string, string> s_roles = new()
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = "Storage Blob Data Owner",
        ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"] = "Storage Blob Data Contributor",
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = "Storage Queue Data Contributor",
        ["c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"] = "Storage Queue Data Message Sender",
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = "Storage Table Data Contributor",
        ["4633458b-17de-408a-b874-0445c86b69e6"] = "Key Vault Secrets User",
        ["b86a8fe4-44ce-4948-aee5-eccb2c155cd7"] = "Key Vault Secrets Officer",
        ["08bbd89e-9f13-488c-ac41-acfcb10c90ab"] = "Key Vault Crypto Service Release User",
        ["090c5cfd-751d-490a-894a-3ce6f1109419"] = "Azure Service Bus Data Owner",
        ["69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"] = "Azure Service Bus Data Sender",
        ["7f951dda-4ed3-4680-a7ca-43fe172d538d"] = "AcrPull",
        ["0ad04412-c4d5-4796-b79c-f76d14c8d402"] = "Durable Task Data Contributor",
    };

    [Fact]
    public void Apps_read_every_setting_that_they_are_given()
    {
        Assert.Empty(BicepSettings.Problems(BicepSyntax.Repository));
        // And the other way: a setting that nobody gives would be a feature that cannot be turned on.
        IEnumerable<string> given = BicepSyntax.Repository.SelectMany(BicepSettings.Names).Select(name => name.Name);
        Assert.Empty(AppContract.Settings.Except(given));
    }

    [Theory]
    [InlineData("infra/app/settings.bicep", "Funion__Peers:", "Funion__Friends:", "Funion__Friends")]
    [InlineData("infra/app/settings.bicep", "Funion__Peers:", "Peers:", "Peers")]
    [InlineData("infra/app/settings.bicep", "FUNION_ROLE:", "Funion__Role:", "Funion__Role")]
    [InlineData("infra/app/settings.bicep", "FUNION_PREFIX:", "Funion__Prefix:", "Funion__Prefix")]
    [InlineData("infra/app/settings.bicep", "queues__maxPollingInterval", "queues__pollingInterval", "AzureFunctionsJobHost__extensions__queues__pollingInterval")]
    [InlineData("infra/app/settings.bicep", "AzureWebJobs.${name}.Disabled", "AzureWebJobs.${name}.Off", "AzureWebJobs.${name}.Off")]
    [InlineData("infra/app/inference.bicep", "value: setting.value", "value: setting.value, x: { APPLICATIONINSIGHTS_CONNECTION_STRING: '' }", "APPLICATIONINSIGHTS")]
    public void A_setting_that_nobody_reads_is_seen(string path, string old, string changed, string name) =>
        Assert.Contains(BicepSettings.Problems(BicepSyntax.With(path, old, changed)), said => said.Contains($"reads {name}", StringComparison.Ordinal));

    [Theory]
    [InlineData("infra/app/storage.bicep", "blobServices.deleteRetentionPolicyEnabled", "false")]
    [InlineData("infra/app/storage.bicep", "blobServices.containerDeleteRetentionPolicyEnabled", "false")]
    [InlineData("infra/app/storage.bicep", "blobServices.isVersioningEnabled", "false")]
    [InlineData("infra/app/storage.bicep", "blobServices.changeFeedEnabled", "false")]
    [InlineData("infra/app/storage.bicep", "blobServices.restorePolicyEnabled", "false")]
    [InlineData("infra/app/storage.bicep", "allowSharedKeyAccess", "false")]
    [InlineData("infra/app/storage.bicep", "allowBlobPublicAccess", "false")]
    [InlineData("infra/app/storage.bicep", "minimumTlsVersion", "'TLS1_2'")]
    [InlineData("infra/app/vault.bicep", "enableRbacAuthorization", "true")]
    [InlineData("infra/app/vault.bicep", "enablePurgeProtection", "true")]
    [InlineData("infra/app/servicebus.bicep", "disableLocalAuth", "true")]
    [InlineData("infra/app/node.bicep", "clientAffinityEnabled", "false")]
    [InlineData("infra/app/node.bicep", "httpsOnly", "true")]
    [InlineData("infra/app/containers.bicep", "acrAdminUserEnabled", "false")]
    public void A_module_says_what_the_protocol_needs(string path, string parameter, string value)
    {
        IEnumerable<BicepNode> parameters = File(path).Modules.Select(module => module.Body()!.Property("params")!);
        Assert.Contains(parameters, given => parameter.Split('.').Aggregate((BicepNode?)given, (at, key) => at?.Property(key))?.Text == value);
    }

    [Fact]
    public void Nothing_is_logged_and_no_module_reports_home()
    {
        foreach (BicepFile file in BicepSyntax.Repository)
        {
            Assert.All(file.Modules.Where(module => BicepFile.IsRegistry(BicepFile.Target(module))), module =>
                Assert.Equal("false", module.Body()!.Property("params")!.Property("enableTelemetry")?.Text));
            // A diagnostic setting that names no categories of logs sends them all, where a resource has any.
            Assert.All(file.Root.Of("object_property").Where(property => property.Children[0].Text == "logCategoriesAndGroups"),
                property => Assert.Equal("[]", property.Children[1].Text));
            Assert.DoesNotContain(BicepResources.Resources(file), resource => resource.Type.StartsWith("Microsoft.Insights", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public void Only_roles_that_are_known_here_are_assigned()
    {
        string[] assigned = [.. BicepSyntax.Repository.SelectMany(file => Guids().Matches(file.Root.Text).Select(match => match.Value)).Distinct()];
        Assert.Equal(s_roles.Keys.Order(), assigned.Order());
    }

    [Fact]
    public void Outputs_are_named_as_environment_variables() => Assert.All(File("infra/main.bicep").Outputs, name => Assert.Matches("^[A-Z][A-Z_]+$", name));

    [Theory]
    [InlineData("infra/main.bicep", "parameter_declaration")]
    [InlineData("infra/parameters/local-test.bicepparam", "variable_declaration")]
    [InlineData("infra/parameters/full.bicepparam", "variable_declaration")]
    public void A_whole_network_has_the_replicas_that_a_document_needs(string path, string kind) => Assert.InRange(
        int.Parse(File(path).Root.Of(kind).Single(node => node.Name == "replicas").Children[^1].Text, CultureInfo.InvariantCulture),
        NetworkRules.DefaultReplicas, int.MaxValue);

    static BicepFile File(string path) => BicepSyntax.Repository.Single(file => file.Path == path);

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Guids();
}
