using Xunit.Abstractions;

namespace Funion.Tests.Infrastructure;

/// <summary>Bicep that no compiler has seen: that it parses, and that its files fit together.</summary>
public sealed class BicepModulesTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_file_parses() => Assert.Empty(BicepSyntax.Repository.SelectMany(file => file.Errors));

    [Theory]
    [InlineData("a.bicep", "param location string = {", false)]
    [InlineData("a.bicep", "param location string = 'here'", true)]
    [InlineData("a.bicepparam", "using 'a.bicep'\nparam location = 'here'", true)]
    [InlineData("a.bicepparam", "using 'a.bicep'\nparam location = [", false)]
    public void A_file_that_does_not_parse_is_seen(string path, string text, bool parses) =>
        Assert.Equal(parses, BicepSyntax.Parse(new() { [path] = text })[0].Errors.Count == 0);

    [Fact]
    public void Modules_parameters_outputs_and_imports_fit_together()
    {
        foreach (string module in BicepModules.Unchecked(BicepSyntax.Repository))
        {
            output.WriteLine($"not checked offline: {module}");
        }
        Assert.Empty(BicepModules.Problems(BicepSyntax.Repository));
    }

    [Theory]
    [InlineData("infra/main.bicep", "'app/vault.bicep'", "'app/vaults.bicep'", "there is no app/vaults.bicep")]
    [InlineData("infra/main.bicep", "    vaultName: ", "    vault: ", "has no parameter vault")]
    [InlineData("infra/main.bicep", "    vaultName: ", "    vault: ", "needs vaultName")]
    [InlineData("infra/main.bicep", "vaults[i].outputs.name", "vaults[i].outputs.title", "has no output title")]
    [InlineData("infra/main.bicep", "buses[i]!.outputs.name", "buses[i]!.outputs.title", "has no output title")]
    [InlineData("infra/main.bicep", "nodeSettings, paceSettings }", "mixSettings, paceSettings }", "exports no mixSettings")]
    [InlineData("infra/app/vault.bicep", ":0.14.0'", ":latest'", "is not pinned")]
    [InlineData("infra/parameters/full.bicepparam", "param gateways", "param gates", "has no parameter gates")]
    [InlineData("infra/parameters/full.bicepparam", "param location", "param durable", "needs location")]
    public void What_does_not_fit_is_seen(string path, string old, string changed, string problem) =>
        Assert.Contains(BicepModules.Problems(BicepSyntax.With(path, old, changed)), said => said.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void Every_name_is_declared_and_used() => Assert.Empty(BicepSyntax.Repository.SelectMany(BicepNames.Problems));

    [Theory]
    [InlineData("infra/app/vault.bicep", "location: location", "location: region", "region is not declared")]
    [InlineData("infra/app/node.bicep", "concat(", "append(", "append is no function")]
    [InlineData("infra/app/vault.bicep", "createMode: createMode", "createMode: 'default'", "createMode is not used")]
    public void A_name_that_is_wrong_is_seen(string path, string old, string changed, string problem) =>
        Assert.Contains(BicepSyntax.With(path, old, changed).SelectMany(BicepNames.Problems), said => said.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void No_version_of_a_module_differs_between_files()
    {
        IEnumerable<string> twice = BicepModules.Unchecked(BicepSyntax.Repository).GroupBy(module => module.Split(':')[1])
            .Where(versions => versions.Count() > 1).Select(versions => versions.Key);
        Assert.Empty(twice);
    }
}
