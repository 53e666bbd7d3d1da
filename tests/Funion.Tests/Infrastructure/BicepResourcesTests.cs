namespace Funion.Tests.Infrastructure;

/// <summary>Types, versions and properties of resources, by Azure's own schemas.</summary>
public sealed class BicepResourcesTests
{
    [Fact]
    public async Task Resources_agree_with_azure()
    {
        Assert.NotEmpty(BicepSyntax.Repository.SelectMany(BicepResources.Resources));
        Assert.Empty(await BicepResources.ProblemsAsync(BicepSyntax.Repository));
    }

    [Theory]
    [InlineData("infra/app/budget.bicep", "Microsoft.Consumption/budgets", "Microsoft.Consumption/purses", "there is no Microsoft.Consumption/purses")]
    [InlineData("infra/app/budget.bicep", "budgets@2024-08-01", "budgets@2020-08-01", "is at 2024-08-01, not 2020-08-01")]
    [InlineData("infra/app/budget.bicep", "timeGrain:", "timeGrains:", "there is no property timeGrains")]
    [InlineData("infra/app/budget.bicep", "timeGrain:", "timeGrains:", "timeGrain is missing")]
    [InlineData("infra/app/budget.bicep", "'Monthly'", "'Daily'", "not Daily")]
    [InlineData("infra/app/budget.bicep", "        contactEmails: emails\n      }\n    }", "      }\n    }", "contactEmails is missing")]
    [InlineData("infra/app/containers.bicep", "    ipAllowlist:", "    endpoint: 'x'\n    ipAllowlist:", "endpoint cannot be set")]
    [InlineData("infra/app/containers.bicep", "'taskHubs'", "'taskHalls'", "there is no Microsoft.DurableTask/schedulers/taskHalls")]
    [InlineData("infra/app/containers.bicep", "[{ name: 'gpu', workloadProfileType: 'Consumption-GPU-NC8as-T4' }]", "[]", null)]
    [InlineData("infra/app/rbac.bicep", "'ServicePrincipal'\n  }\n}]\n\nresource ownKeys", "'Service'\n  }\n}]\n\nresource ownKeys", "not Service")]
    [InlineData("infra/app/node.bicep", "maximumInstanceCount:", "maximumInstances:", "there is no property maximumInstances")]
    [InlineData("infra/app/node.bicep", "=> { name: group, instanceCount: alwaysReady }", "=> { name: group, count: alwaysReady }", "there is no property count")]
    [InlineData("infra/app/node.bicep", "http20Enabled:", "http2Enabled:", "there is no property http2Enabled")]
    [InlineData("infra/app/inference.bicep", "initialDelaySeconds:", "delaySeconds:", "there is no property delaySeconds")]
    public async Task What_azure_does_not_know_is_seen(string path, string old, string changed, string? problem)
    {
        IReadOnlyList<string> problems = await BicepResources.ProblemsAsync(BicepSyntax.With(path, old, changed));
        if (problem is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.Contains(problems, said => said.Contains(problem, StringComparison.Ordinal));
        }
    }
}
