using System.Text.Json.Nodes;
using Funion.Cli;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Hosting;
using Funion.Network;
using Funion.Roles;
using Funion.Storage;
using Funion.Tests.Architecture;
using Microsoft.Extensions.Configuration;

namespace Funion.Tests.Containers;

/// <summary>No container engine runs here: the compose file is read, its network made, and each service's settings given to a node.</summary>
public sealed class ComposeTests : IDisposable
{
    static readonly JsonObject s_file = Yaml.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docker-compose.yml")));
    static readonly JsonNode s_roles = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "infra", "app", "roles.json")))!;

    readonly string _folder = Directory.CreateTempSubdirectory("funion-compose-").FullName;

    static JsonObject Services => s_file["services"]!.AsObject();

    static IEnumerable<KeyValuePair<string, JsonNode?>> Nodes => Services.Where(service => service.Value!["environment"] is not null);

    [Fact]
    public async Task Every_node_of_the_network_has_a_service_whose_settings_make_it_ready()
    {
        NetworkDocument document = await MakeAsync();
        Assert.Equal(document.Nodes.Select(node => node.Name).Order(StringComparer.Ordinal), Nodes.Select(service => service.Key).Order(StringComparer.Ordinal));
        foreach ((string name, JsonNode? service) in Nodes)
        {
            IConfiguration configuration = Configuration(service!);
            NodeSettings settings = NodeSettings.Read(configuration);
            _ = AzureEnvironment.Of(settings, configuration);
            MemoryPacketQueue queue = new(TimeProvider.System);
            NodeEnvironment environment = new()
            {
                Ports = new NodePorts(new MemoryBoxStore(), queue), PeerQueues = (_, _) => queue, Run = (_, _, _) => throw new NotSupportedException(),
            };
            await using NodeHost host = new(settings, environment);
            Assert.Equal(name, (await host.CurrentAsync(default)).Parts.Descriptor.Name);
            Assert.Equal((name, name), (settings.Node, settings.Prefix));
        }
    }

    [Fact]
    public void Settings_are_ones_that_somebody_reads()
    {
        IEnumerable<string> functions = s_roles["functions"]!["node"]!.AsObject().SelectMany(kind => kind.Value!.AsArray()).Select(name => $"AzureWebJobs_{name}_Disabled");
        HashSet<string> known = [.. NodeSettings.Names, .. functions, "AzureWebJobsStorage", "ASPNETCORE_URLS"];
        Assert.All(Nodes, service => Assert.Empty(service.Value!["environment"]!.AsObject().Select(setting => setting.Key).Except(known)));
    }

    [Fact]
    public void Triggers_that_a_role_has_no_queue_for_are_off()
    {
        JsonNode functions = s_roles["functions"]!["node"]!;
        foreach ((string name, JsonNode? service) in Nodes)
        {
            JsonObject settings = service!["environment"]!.AsObject();
            string role = (string)settings["FUNION_ROLE"]!;
            IEnumerable<string> used = role == "compute" ? ["Receive", "Release", "Slots"] : Names(s_roles["uses"]![role]!["storage"]!);
            IEnumerable<string> unused = Names(functions["storage"]!).Concat(Names(functions["servicebus"]!)).Except(used);
            IEnumerable<string> off = settings.Where(setting => setting.Key.EndsWith("_Disabled", StringComparison.Ordinal) && setting.Key != "AzureWebJobs_Hop_Disabled")
                .Select(setting => setting.Key.Split('_')[1]);
            Assert.True(unused.Order(StringComparer.Ordinal).SequenceEqual(off.Order(StringComparer.Ordinal)), name);
        }
    }

    [Fact]
    public void What_a_service_waits_for_and_mounts_is_there()
    {
        string[] volumes = [.. s_file["volumes"]!.AsObject().Select(volume => volume.Key)];
        Assert.All(Services, service =>
        {
            Assert.Empty((service.Value!["depends_on"]?.AsObject() ?? []).Select(other => other.Key).Except(Services.Select(other => other.Key)));
            Assert.Empty((service.Value["volumes"]?.AsArray() ?? []).Select(mount => ((string)mount!).Split(':')[0]).Except(volumes));
        });
        // What no service builds under its tag, another does.
        IEnumerable<string> built = Services.Where(service => service.Value!["build"] is not null).Select(service => (string)service.Value!["image"]!);
        Assert.Equal(
            ["mcr.microsoft.com/azure-storage/azurite"],
            Services.Select(service => (string)service.Value!["image"]!).Except(built).Select(image => image.Split(':')[0]));
    }

    [Fact]
    public void Images_are_pinned_and_the_emulator_is_the_one_of_the_tests()
    {
        Assert.All(Services, service => Assert.Matches(@":\d+\.\d+\.\d+$", (string)service.Value!["image"]!));
        JsonNode packages = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "package-lock.json")))!["packages"]!;
        Assert.EndsWith(":" + (string)packages["node_modules/azurite"]!["version"]!, (string)Services["azurite"]!["image"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Storage_is_the_emulator_and_the_gateway_has_one_address_inside_and_out()
    {
        Assert.All(Nodes, service =>
        {
            string connection = (string)service.Value!["environment"]!["AzureWebJobsStorage"]!;
            Assert.Equal(
                ["http://azurite:10000", "http://azurite:10001", "http://azurite:10002"],
                new[] { StorageClients.Blobs(connection).Uri, StorageClients.Queues(connection).Uri, StorageClients.Tables(connection).Uri }
                    .Select(uri => uri.GetLeftPart(UriPartial.Authority)));
        });
        JsonNode gateway = Services["gateway-0"]!, settings = gateway["environment"]!;
        int port = new Uri(((string)settings["ASPNETCORE_URLS"]!).Replace('+', 'x')).Port;
        Assert.Equal($"127.0.0.1:{port}:{port}", (string?)Assert.Single(gateway["ports"]!.AsArray()));
        Assert.Equal("service:gateway-0", (string?)Services["compute-0"]!["network_mode"]);
        Assert.Contains($"--gateway http://127.0.0.1:{port} ", Script, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static string Script => (string)Assert.Single(Services["network"]!["command"]!.AsArray())!;

    static IEnumerable<string> Names(JsonNode list) => list.AsArray().Select(name => (string)name!);

    /// <summary>Runs the script's two commands in the test's folder.</summary>
    async Task<NetworkDocument> MakeAsync()
    {
        foreach (string command in Script.Split("; ").Where(part => part.StartsWith("funion network ", StringComparison.Ordinal)))
        {
            string[] words = [.. command.Split(' ').Skip(1).Where(word => word != "\"$$@\"")
                .Select(word => word.StartsWith("funion-network", StringComparison.Ordinal) || word.StartsWith("keys", StringComparison.Ordinal)
                    ? Path.Combine(_folder, word) : word)];
            using StringWriter data = new(), messages = new();
            Assert.True(await Invocation.RunAsync(FunionRoot.Create(), words, data, messages) == 0, messages.ToString());
        }
        Assert.True(SignedNetworkDocument.TryParse(
            await File.ReadAllBytesAsync(Path.Combine(_folder, "funion-network.json")), out SignedNetworkDocument? signed));
        return signed.Document;
    }

    IConfiguration Configuration(JsonNode service) => new ConfigurationBuilder()
        .AddInMemoryCollection(service["environment"]!.AsObject().Select(setting => KeyValuePair.Create<string, string?>(
            setting.Key.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal),
            ((string)setting.Value!).Replace("/network/", _folder + "/", StringComparison.Ordinal))))
        .Build();
}
