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
    public static IEnumerable<(string Name, BicepNode Node)> Names(BicepFile file)
    {
        IEnumerable<(string Name, BicepNode Node)> keys = file.Root.Of("object").SelectMany(node => node.Properties());
        IEnumerable<(string Name, BicepNode Node)> strings = file.Root.Of("string").Select(text => (text.Text.Trim('\''), text));
        return keys.Where(key => file.Path == "infra/app/settings.bicep" || Setting().IsMatch(key.Name))
            .Concat(strings.Where(text => Setting().IsMatch(text.Name))).DistinctBy(name => name.Name);
    }

    [GeneratedRegex(@"^(AzureWebJobs|AzureFunctions|APPLICATIONINSIGHTS|FUNCTIONS_|Funion__|FUNION_(?=PREFIX$|ROLE$)|ServiceBus__|WEBSITE|DURABLE_)\S*$")]
    private static partial Regex Setting();
}
