using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Funion.Cli;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Nodes;
using Funion.Hosting;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;
using Funion.Tests.Architecture;
using Microsoft.Extensions.Configuration;

namespace Funion.Tests.Cli;

/// <summary>The settings that people copy work with the files that the README's commands make.</summary>
public sealed partial class SampleSettingsTests : IDisposable
{
    static readonly string[] s_paths = ["Funion__NetworkDocument", "Funion__Authorities", "Funion__Keys"];

    readonly string _folder = Directory.CreateTempSubdirectory("funion-sample-").FullName;

    static JsonObject Sample => JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "local.settings.sample.json")))!.AsObject();

    [Fact]
    public async Task A_gateway_becomes_ready_with_the_files_of_the_commands()
    {
        string[] commands = [.. Command().Matches(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).Select(match => match.Groups[1].Value)];
        // The first document, and the next day's.
        Assert.Equal(4, commands.Length);
        foreach (string command in commands)
        {
            using StringWriter data = new(), messages = new();
            string[] words = [.. command.Split(' ').Select(word => word.StartsWith("funion-network.json", StringComparison.Ordinal)
                || word.StartsWith("keys", StringComparison.Ordinal) ? Path.Combine(_folder, word) : word)];
            Assert.True(await Invocation.RunAsync(FunionRoot.Create(), words, data, messages) == 0, messages.ToString());
        }

        IConfiguration configuration = NodeSettingsFile.Read(Rebased());
        NodeSettings settings = NodeSettings.Read(configuration);
        // What the ports of the emulator would be.
        _ = AzureEnvironment.Of(settings, configuration);
        MemoryPacketQueue queue = new(TimeProvider.System);
        await using NodeHost host = new(settings, new NodeEnvironment { Ports = new NodePorts(new MemoryBoxStore(), queue), PeerQueues = (_, _) => queue });
        NodeGeneration generation = await host.CurrentAsync(default);
        Assert.Equal((NodeRole.Gateway, settings.Node), (generation.Parts.Descriptor.Role, generation.Parts.Descriptor.Name));
        Assert.True(settings.Peers.All);
        Assert.NotEmpty(generation.Signed.Document.Models);
        Assert.Equal(2, generation.Signed.Document.Version);
        Assert.Equal(new Uri(generation.Parts.Descriptor.Address).Port, (int)Sample["Host"]!["LocalHttpPort"]!);
    }

    [Fact]
    public void The_sample_names_every_setting_and_no_other()
    {
        IEnumerable<string> own = Sample["Values"]!.AsObject().Select(value => value.Key).Where(name => name.StartsWith("funion", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(NodeSettings.Names.Order(StringComparer.Ordinal), own.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_sample_turns_off_what_a_gateway_has_no_use_for()
    {
        JsonNode roles = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "infra", "app", "roles.json")))!;
        JsonNode functions = roles["functions"]!["node"]!, uses = roles["uses"]!["gateway"]!;
        IEnumerable<string> unused = Names(functions["storage"]!).Concat(Names(functions["servicebus"]!)).Concat(Names(functions["http"]!))
            .Except(Names(uses["storage"]!)).Except(Names(uses["http"]!));
        IEnumerable<string> off = Sample["Values"]!.AsObject().Where(value => value.Key.EndsWith(".Disabled", StringComparison.Ordinal))
            .Select(value => value.Key.Split('.')[1]);
        Assert.Equal(unused.Order(StringComparer.Ordinal), off.Order(StringComparer.Ordinal));
        static IEnumerable<string> Names(JsonNode list) => list.AsArray().Select(name => (string)name!);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string Rebased()
    {
        JsonObject sample = Sample;
        foreach (string path in s_paths)
        {
            sample["Values"]![path] = Path.Combine(_folder, (string)sample["Values"]![path]!);
        }
        string file = Path.Combine(_folder, "local.settings.json");
        File.WriteAllText(file, sample.ToJsonString());
        return file;
    }

    [GeneratedRegex(@"^\$ funion (network (?:new|sign) funion-network\.json [^#\n]*[^# \n])", RegexOptions.Multiline)]
    private static partial Regex Command();
}
