using System.Text.RegularExpressions;

namespace Funion.Tests.Infrastructure;

/// <summary>App settings that Bicep gives.</summary>
static partial class BicepSettings
{
    /// <summary>Both spellings that the host reads; the second for containers.</summary>
    static readonly string[] s_disabled = ["AzureWebJobs.${name}.Disabled", "AzureWebJobs_${name}_Disabled"];

    public static IEnumerable<string> Problems(IReadOnlyList<BicepFile> files) => files.SelectMany(file => Names(file)
        .Where(name => !AppContract.Settings.Contains(name.Name) && !s_disabled.Contains(name.Name))
        .Select(name => $"{file.At(name.Node)}: no app reads {name.Name}."));

    /// <summary>Every key in settings.bicep, and whatever looks like a setting elsewhere.</summary>
    public static IEnumerable<(string Name, BicepNode Node)> Names(BicepFile file) => file.Root.Of("object").SelectMany(node => node.Properties())
        .Select(property => (property.Key, property.Value))
        .Concat(file.Root.Of("string").Where(text => !text.Text.Contains(' ', StringComparison.Ordinal)).Select(text => (text.Text.Trim('\''), text)))
        .Where(found => Setting().IsMatch(found.Item1)
            || (file.Path == "infra/app/settings.bicep" && found.Item2.Kind != "string_content" && file.Root.Of("object").Any(node => node.Property(found.Item1) is not null)))
        .DistinctBy(found => found.Item1);

    [GeneratedRegex(@"^(AzureWebJobs|AzureFunctions|APPLICATIONINSIGHTS|FUNCTIONS_|Funion__|ServiceBus__|WEBSITE|DURABLE_)\S*$")]
    private static partial Regex Setting();
}
