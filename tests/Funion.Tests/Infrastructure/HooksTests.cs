using System.Text.Json;
using System.Text.RegularExpressions;
using Funion.Network;
using Funion.Tests.Architecture;

namespace Funion.Tests.Infrastructure;

/// <summary>What azd and the hooks expect of main.bicep, and the scripts with a stand-in for az.</summary>
public sealed partial class HooksTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-hooks").FullName;

    [Fact]
    public void The_scripts_that_azure_yaml_names_are_there()
    {
        string[] named = [.. Script().Matches(Read("azure.yaml")).Select(match => match.Value)];
        Assert.Equal(4, named.Length);
        Assert.All(named, script => Assert.True(File.Exists(Path.Combine(Repository.Root, script)), $"{script} is missing"));
    }

    [Fact]
    public void The_scripts_read_what_main_puts_out()
    {
        HashSet<string> known = [.. BicepSyntax.Repository.Single(file => file.Path == "infra/main.bicep").Outputs, "FUNION_KEYS", "FUNION_DOCUMENT", "AZURE_ENV_NAME"];
        // What azd substitutes in main.parameters.json is its environment's, and so the hooks'.
        known.UnionWith(Variable().Matches(Read("infra/main.parameters.json")).Select(match => match.Value));
        foreach (string script in Directory.EnumerateFiles(Path.Combine(Repository.Root, "infra", "hooks")))
        {
            Assert.All(Variable().Matches(File.ReadAllText(script)), match => Assert.Contains(match.Value, known));
        }
    }

    [Fact]
    public void The_parameters_of_azd_are_parameters_of_main()
    {
        using JsonDocument document = JsonDocument.Parse(Read("infra/main.parameters.json"));
        string[] given = [.. document.RootElement.GetProperty("parameters").EnumerateObject().Select(parameter => parameter.Name)];
        BicepFile main = BicepSyntax.Repository.Single(file => file.Path == "infra/main.bicep");
        Assert.Empty(given.Except(main.Parameters.Select(parameter => parameter.Name)));
        Assert.Empty(main.RequiredParameters.Select(parameter => parameter.Name).Except(given));
        // azd finds the one service of azure.yaml by this tag.
        Assert.Contains("'azd-service-name': 'compute'", main.Root.Text, StringComparison.Ordinal);
        Assert.Contains("services:\n  compute:", Read("azure.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_go_to_their_own_vault_and_never_over_a_command_line()
    {
        File.WriteAllText(Path.Combine(_folder, "mix-1-0.keys"), "a secret");
        File.WriteAllText(Path.Combine(_folder, "document"), "{}");
        string calls = Hook("keys.sh", "FUNION_NODES=mix-1-0:kvmix10:stmix10 gateway-0:kvgw:stgw", $"FUNION_DOCUMENT={Path.Combine(_folder, "document")}");
        Assert.Contains("keyvault secret set --vault-name kvmix10 --name mix-1-0-keys", calls, StringComparison.Ordinal);
        // Key files are binary.
        Assert.Contains("--encoding base64", calls, StringComparison.Ordinal);
        Assert.Contains("set-attributes --id old --enabled false", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("--id new", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("kvgw", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("a secret", calls, StringComparison.Ordinal);
        Assert.Contains("--account-name stmix10 --container-name network --name network.json", calls, StringComparison.Ordinal);
        Assert.Contains("--account-name stgw ", calls, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_nodes_leave_room_for_their_queues()
    {
        // 63 characters for a queue, a hyphen between; a link's queue carries an index.
        int longest = RolesFile.Parse(RolesFile.Text()).Queues.Values.SelectMany(queues => queues)
            .Append($"answers-courier-{NetworkRules.DefaultReplicas * 1000}").Max(queue => queue.Length);
        Assert.InRange(20 + 1 + longest, 1, 63);
        // 32 for a container app, with ca- before it and eight of the token after.
        Assert.InRange("ca-".Length + 20 + "-12345678".Length, 1, 32);
        Assert.Contains("@maxLength(20)", Read("infra/app/types.bicep"), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>What az was called with.</summary>
    string Hook(string script, params string[] environment)
    {
        string az = Path.Combine(_folder, "az"), calls = Path.Combine(_folder, "calls");
        File.WriteAllText(az, $"""
            #!/bin/sh
            echo "$*" >> {calls}
            case "$3" in set) echo new ;; list-versions) echo old; echo new ;; esac

            """);
        Assert.Equal(0, BicepSyntax.Run("chmod", ["+x", az]).Code);
        (int code, _, string errors) = BicepSyntax.Run("env",
        [
            $"PATH={_folder}:{Environment.GetEnvironmentVariable("PATH")}", $"FUNION_KEYS={_folder}", .. environment,
            "sh", Path.Combine(Repository.Root, "infra", "hooks", script),
        ]);
        Assert.True(code == 0, errors);
        return File.ReadAllText(calls);
    }

    static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    [GeneratedRegex(@"infra/hooks/[a-z.0-9]+")]
    private static partial Regex Script();

    [GeneratedRegex(@"\b(FUNION|AZURE)_[A-Z_]+\b")]
    private static partial Regex Variable();
}
