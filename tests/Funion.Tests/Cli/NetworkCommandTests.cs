using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Network;
using Funion.Network;
using Funion.Tokens;

namespace Funion.Tests.Cli;

/// <summary>The verbs in process. FUNION_HOME is the process's, hence one class that does not run beside another of its collection.</summary>
[Collection(nameof(FunionHome))]
public sealed class NetworkCommandTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-cli-").FullName;
    readonly string? _home = Environment.GetEnvironmentVariable(FunionHome.Variable);

    public NetworkCommandTests() => Environment.SetEnvironmentVariable(FunionHome.Variable, At("home"));

    string Document => At("local.json");

    [Fact]
    public async Task A_network_is_made_signed_shown_and_verified()
    {
        Assert.Equal(0, (await Run("network", "new", Document, "--keys", At("keys"), "--gateway", "http://127.0.0.1:8600")).Code);
        (int code, string data, string messages) = await Run("network", "verify", Document);
        Assert.Equal((int)ExitCode.VerificationFailed, code);
        Assert.Empty(data);
        Assert.StartsWith("funion: ", messages, StringComparison.Ordinal);
        Assert.Contains("hint: ", messages, StringComparison.Ordinal);

        Assert.Equal((0, "1 of 1 signatures\n", ""), await Run("network", "sign", Document, "--key", At("keys/authority.keys")));
        (code, data, _) = await Run("network", "verify", Document, "--json");
        Assert.Equal((0, "accepted"), (code, (string?)JsonNode.Parse(data)!["verdict"]));
        (code, data, _) = await Run("network", "show", Document);
        Assert.Equal(0, code);
        Assert.Contains("http://127.0.0.1:8600", data, StringComparison.Ordinal);
        Assert.Equal(18, data.Split('\n').Count(line => line.StartsWith("node ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Two_of_two_authorities_are_needed()
    {
        string one = (await Run("network", "key", At("one"))).Data.Trim();
        string two = (await Run("network", "key", At("two"))).Data.Trim();
        Assert.Equal(one, (await Run("network", "key", At("one"))).Data.Trim());
        Assert.Equal(0, (await Run("network", "new", Document, "--keys", At("keys"), "--authority", one, "--authority", two, "--threshold", "2")).Code);
        Assert.Equal(6, (await Run("network", "sign", Document, "--key", At("keys/authority.keys"))).Code);
        Assert.Equal(0, (await Run("network", "sign", Document, "--key", At("one"))).Code);
        Assert.Equal(0, (await Run("network", "sign", Document, "--key", At("one"))).Code);
        Assert.Equal(6, (await Run("network", "verify", Document)).Code);
        Assert.Equal(0, (await Run("network", "sign", Document, "--key", At("two"))).Code);
        Assert.Equal(0, (await Run("network", "verify", Document)).Code);
    }

    [Fact]
    public async Task Descriptors_are_collected_from_their_nodes()
    {
        using LocalNetworkPlan plan = LocalNetworkPlan.Create(new(), TimeProvider.System.GetUtcNow());
        Directory.CreateDirectory(At("nodes"));
        foreach (NodeKeys node in plan.Nodes)
        {
            File.WriteAllBytes(At($"nodes/{node.Id}.json"), SignedDescriptor.Sign(node, "https://node.example"));
        }

        string key = (await Run("network", "key", At("one"))).Data.Trim();
        Assert.Equal(1, (await Run("network", "new", Document, "--descriptors", At("nodes"))).Code);
        Assert.Equal(0, (await Run("network", "new", Document, "--descriptors", At("nodes"), "--authority", key, "--bucket", "60s")).Code);
        Assert.True(SignedNetworkDocument.TryParse(File.ReadAllBytes(Document), out SignedNetworkDocument? signed));
        Assert.Equal(plan.Document.Nodes.Count, signed.Document.Nodes.Count);
        File.AppendAllText(At($"nodes/{plan.Nodes[0].Id}.json"), " ");
        Assert.Equal(1, (await Run("network", "new", Document, "--descriptors", At("nodes"), "--authority", key)).Code);
    }

    [Fact]
    public async Task Operators_publish_their_keys_ahead_and_authorities_collect_them_epoch_after_epoch()
    {
        (string Role, int Layer, int Index)[] places =
        [
            ("gateway", 0, 0), ("mix", 1, 0), ("mix", 2, 0), ("mix", 3, 0), ("courier", 0, 0), ("compute", 0, 0),
            .. Enumerable.Range(0, 8).Select(i => ("replica", 0, i)),
        ];
        Directory.CreateDirectory(At("nodes"));
        foreach ((string role, int layer, int index) in places)
        {
            string keys = At($"nodes/{role}-{layer}-{index}.keys");
            string[] place = layer == 0 ? ["--role", role, "--index", $"{index}"] : ["--role", role, "--index", $"{index}", "--layer", $"{layer}"];
            Assert.Equal(0, (await Run(["network", "descriptor", keys, .. place, "--address", $"https://{role}{layer}{index}.example"])).Code);
        }
        string key = (await Run("network", "key", At("authority"))).Data.Trim();
        Assert.Equal(0, (await Run(
            "network", "new", Document, "--descriptors", At("nodes"), "--authority", key, "--name", "ours", "--mean-delay", "2s", "--payload", "8000",
            "--bucket", "60s")).Code);
        Assert.Equal(0, (await Run("network", "sign", Document, "--key", At("authority"))).Code);
        Assert.Equal(0, (await Run("network", "verify", Document)).Code);

        // The next round: every node again, from what it has; the document follows the one before in all that nobody asked to change.
        string[] before = [.. Directory.GetFiles(At("nodes"), "*.json").Order().Select(File.ReadAllText)];
        foreach (string keys in Directory.GetFiles(At("nodes"), "*.keys"))
        {
            Assert.Equal(0, (await Run("network", "descriptor", keys, "--network", Document)).Code);
        }
        Assert.Equal(before, Directory.GetFiles(At("nodes"), "*.json").Order().Select(File.ReadAllText));
        Assert.Equal(0, (await Run("network", "new", At("next.json"), "--descriptors", At("nodes"), "--previous", Document, "--rate", "0.5/s")).Code);
        Assert.True(SignedNetworkDocument.TryParse(File.ReadAllBytes(Document), out SignedNetworkDocument? first));
        Assert.True(SignedNetworkDocument.TryParse(File.ReadAllBytes(At("next.json")), out SignedNetworkDocument? next));
        Assert.Equal(("ours", 2L, 8_000), (next.Document.Name, next.Document.Version, next.Document.Geometry.UserPayload));
        Assert.Equal(first.Document.Rates with { ClientPerKilosecond = 500 }, next.Document.Rates);
        // Keys for this epoch and the two after it: a document that begins in the next one needs nothing new.
        foreach (string path in Directory.GetFiles(At("nodes"), "mix*.json"))
        {
            Assert.True(SignedDescriptor.TryParse(File.ReadAllBytes(path), out NodeDescriptor? mix));
            Assert.Equal([0, 1, 2], mix.Keys.Select(published => published.Epoch - first.Document.Epoch));
        }
    }

    [Fact]
    public async Task A_network_of_descriptors_has_a_model_addresses_and_links_for_the_nodes_that_there_are()
    {
        string key = await Publish("nodes", "https://node.example");
        (int code, _, string messages) = await Run("network", "new", Document, "--descriptors", At("nodes"), "--authority", key);
        Assert.Equal(1, code);
        Assert.Contains("--bucket", messages, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("network", "new", Document, "--descriptors", At("nodes"), "--authority", key, "--bucket", "60s", "--compute-rate", "16/s")).Code);
        Assert.True(SignedNetworkDocument.TryParse(File.ReadAllBytes(Document), out SignedNetworkDocument? signed));
        Assert.Single(signed.Document.Models);
        // One courier and eight replicas, whatever the defaults of the options that make nodes are.
        Assert.Equal(NetworkRules.LeastLinkRate(16_000, 8), signed.Document.Rates.LinkPerKilosecond);

        // Without compute there is nothing to ask, and no reason for a machine's own pace.
        File.Delete(At("nodes/compute-0.keys.json"));
        (code, _, messages) = await Run("network", "new", Document, "--descriptors", At("nodes"), "--authority", key);
        Assert.Equal(0, code);
        Assert.Contains("no model", messages, StringComparison.Ordinal);
        Assert.True(SignedNetworkDocument.TryParse(File.ReadAllBytes(Document), out signed));
        Assert.Equal(300, signed.Document.Rates.LinkPerKilosecond);
    }

    [Fact]
    public async Task Whoever_collects_descriptors_makes_the_issuers_keys_and_the_next_ones()
    {
        string key = await Publish("nodes", "https://node.example");
        string[] make = ["network", "new", Document, "--descriptors", At("nodes"), "--authority", key, "--bucket", "60s", "--tokens", "16"];
        (int code, _, string messages) = await Run(make);
        Assert.Equal(1, code);
        Assert.Contains("issuer", messages, StringComparison.Ordinal);
        Assert.False(File.Exists(At("nodes/issuer.keys")));
        Assert.Equal(0, (await Run([.. make, "--issuer", "https://issuer.example"])).Code);
        Assert.True(SignedNetworkDocument.TryParse(File.ReadAllBytes(Document), out SignedNetworkDocument? first));
        Assert.Equal(("https://issuer.example", 16), (first.Document.Issuer!.Address, first.Document.Issuer.Batch));
        Assert.Equal(KeyFileOutcome.Loaded, IssuerKeys.Load(At("nodes/issuer.keys"), out IssuerKeys? keys));
        using (keys)
        {
            Assert.Equal(first.Document.Issuer.Keys.Select(one => one.Epoch), keys!.Keys.Select(one => one.Epoch));
        }
        // What follows it demands them as well, unasked, with the same keys while their epochs last.
        Assert.Equal(0, (await Run("network", "sign", Document, "--key", At("authority"))).Code);
        Assert.Equal(0, (await Run("network", "new", At("next.json"), "--descriptors", At("nodes"), "--previous", Document)).Code);
        Assert.True(SignedNetworkDocument.TryParse(File.ReadAllBytes(At("next.json")), out SignedNetworkDocument? next));
        Assert.Equal(16, next.Document.Issuer!.Batch);
        EpochKey shared = next.Document.Issuer.Keys.First(one => first.Document.Issuer.Keys.Any(before => before.Epoch == one.Epoch));
        Assert.Equal(first.Document.Issuer.Keys.First(one => one.Epoch == shared.Epoch).PublicKey, shared.PublicKey);
    }

    [Fact]
    public async Task An_address_is_kept_until_somebody_says_otherwise()
    {
        string key = await Publish("nodes", "https://node.example");
        Assert.Equal(0, (await Run("network", "new", Document, "--descriptors", At("nodes"), "--authority", key, "--bucket", "60s")).Code);
        Assert.Equal(0, (await Run("network", "sign", Document, "--key", At("authority"))).Code);
        // From the descriptor beside the keys, and from the network's document where that is gone.
        Assert.Equal("https://node.example", await AddressAsync("nodes/mix-1-0.keys"));
        File.Delete(At("nodes/mix-1-0.keys.json"));
        Assert.Equal("https://node.example", await AddressAsync("nodes/mix-1-0.keys", "--network", Document));
        Assert.Equal("https://moved.example", await AddressAsync("nodes/mix-1-0.keys", "--network", Document, "--address", "https://moved.example"));
        Assert.Equal("https://moved.example", await AddressAsync("nodes/mix-1-0.keys", "--network", Document));

        Assert.Equal("", await AddressAsync("nodes/mix-1-0.keys", "--address", ""));
        string[] next = ["network", "new", At("next.json"), "--descriptors", At("nodes"), "--previous", Document];
        (int code, _, string messages) = await Run(next);
        Assert.Equal(1, code);
        Assert.Contains("--without-address mix-1-0", messages, StringComparison.Ordinal);
        Assert.Equal(0, (await Run([.. next, "--without-address", "mix-1-0"])).Code);
        Assert.Equal("", await AddressAsync("nodes/gateway-0.keys", "--address", ""));
        (code, _, messages) = await Run([.. next, "--without-address", "mix-1-0", "--without-address", "gateway-0"]);
        Assert.Equal(1, code);
        Assert.Contains("gateway-0 has no address", messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_for_keys_is_made_for_its_owner_alone()
    {
        Assert.Equal(0, (await Run("network", "key", At("new/folder/authority.keys"))).Code);
        Assert.Equal(0, (await Run("network", "descriptor", At("state/gateway-0.keys"), "--role", "gateway")).Code);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(At("state")));
        }
    }

    [Fact]
    public async Task Keys_are_not_wiped_on_the_word_of_a_stranger_or_of_another_clock()
    {
        string keys = At("courier.keys");
        Assert.Equal(0, (await Run("network", "descriptor", keys, "--role", "courier")).Code);
        byte[] before = File.ReadAllBytes(keys);
        await Run("network", "new", Document, "--keys", At("keys"));
        // Unsigned.
        Assert.Equal(6, (await Run("network", "descriptor", keys, "--network", Document)).Code);
        await Run("network", "sign", Document, "--key", At("keys/authority.keys"));
        // Signed, and nobody pinned the signer.
        File.Move(Document + ".authorities", At("pin"));
        Assert.Equal(6, (await Run("network", "descriptor", keys, "--network", Document)).Code);
        Assert.Equal(1, (await Run("network", "descriptor", keys, "--network", At("absent"))).Code / 6);
        Assert.Equal(before, File.ReadAllBytes(keys));
        // A file whose epochs are those of another length.
        using (NodeKeys other = NodeKeys.Generate(NodeRole.Courier, 0, 0, 1_000_000, 3))
        {
            other.Save(At("other.keys"));
        }
        before = File.ReadAllBytes(At("other.keys"));
        Assert.Equal(1, (await Run("network", "descriptor", At("other.keys"))).Code);
        Assert.Equal(before, File.ReadAllBytes(At("other.keys")));
    }

    [Theory]
    [InlineData("--role", "mix")]
    [InlineData("--role", "courier", "--layer", "1")]
    [InlineData("--role", "courier", "--index", "-1")]
    [InlineData("--address", "https://node.example")]
    [InlineData("--role", "cook")]
    public async Task A_descriptor_needs_a_place_in_the_network(params string[] place)
    {
        Assert.Equal(2, (await Run(["network", "descriptor", At("keys"), .. place])).Code);
        Assert.False(File.Exists(At("keys")));
    }

    [Fact]
    public async Task Pins_are_kept_listed_and_replaced_only_on_request()
    {
        await Run("network", "new", Document, "--keys", At("keys"));
        await Run("network", "sign", Document, "--key", At("keys/authority.keys"));
        File.Move(Document + ".authorities", At("pin"));
        (int code, _, string messages) = await Run("network", "verify", Document);
        Assert.Equal(6, code);
        Assert.Contains("funion network trust", messages, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("network", "trust", At("pin"))).Code);
        Assert.Equal(0, (await Run("network", "verify", Document)).Code);
        Assert.Equal("local", (string?)JsonNode.Parse((await Run("network", "trust", "--json")).Data)![0]!["network"]);

        await Run("network", "new", At("other.json"), "--keys", At("other"));
        Assert.Equal(6, (await Run("network", "trust", At("other.json.authorities"))).Code);
        Assert.Equal(0, (await Run("network", "verify", Document)).Code);
        Assert.Equal(0, (await Run("network", "trust", At("other.json.authorities"), "--replace")).Code);
        Assert.Equal(6, (await Run("network", "verify", Document)).Code);
    }

    [Fact]
    public async Task The_next_version_follows_the_one_before()
    {
        await Run("network", "new", Document, "--keys", At("keys"));
        Assert.Equal(0, (await Run("network", "new", At("next.json"), "--keys", At("keys"), "--previous", Document)).Code);
        Assert.True(SignedNetworkDocument.TryParse(File.ReadAllBytes(Document), out SignedNetworkDocument? first));
        Assert.True(SignedNetworkDocument.TryParse(File.ReadAllBytes(At("next.json")), out SignedNetworkDocument? next));
        Assert.Equal(2, next.Document.Version);
        Assert.Equal(first.Document.Hash(), next.Document.Previous);
    }

    [Theory]
    [InlineData("network", "new", "x")]
    [InlineData("network", "new", "x", "--keys", "y", "--descriptors", "z")]
    [InlineData("network", "new", "x", "--keys", "y", "--rate", "often")]
    [InlineData("network", "new", "x", "--keys", "y", "--mean-delay", "200")]
    [InlineData("network", "new", "x", "--keys", "y", "--replicas", "many")]
    [InlineData("network", "new", "x", "--keys", "y", "--replicas", "0")]
    [InlineData("network", "sign", "x")]
    [InlineData("network", "verify")]
    [InlineData("network", "nonsense")]
    [InlineData("network", "show", "x", "--nonsense")]
    public async Task Usage_errors_are_two(params string[] arguments)
    {
        (int code, string data, string messages) = await Run(arguments);
        Assert.Equal((2, ""), (code, data));
        Assert.StartsWith("funion: ", messages, StringComparison.Ordinal);
        Assert.Contains("hint: run: funion network", messages, StringComparison.Ordinal);
        (code, data, _) = await Run([.. arguments, "--json"]);
        Assert.Equal((2, 2), (code, (int?)JsonNode.Parse(data)!["error"]!["code"]));
    }

    [Theory]
    [InlineData(1, "network", "show", "absent")]
    [InlineData(1, "network", "sign", "absent", "--key", "absent")]
    [InlineData(1, "network", "trust", "absent")]
    [InlineData(1, "network", "new", "absent", "--descriptors", "absent")]
    [InlineData(1, "network", "verify", "absent")]
    [InlineData(6, "network", "verify", "http://127.0.0.1:9/")]
    public async Task Failures_have_their_codes(int expected, params string[] arguments)
    {
        (int code, string data, _) = await Run([.. arguments, "--json"]);
        Assert.Equal((expected, expected), (code, (int?)JsonNode.Parse(data)!["error"]!["code"]));
    }

    [Fact]
    public async Task Broken_rules_and_open_key_files_are_refused()
    {
        (int code, _, string messages) = await Run("network", "new", Document, "--keys", At("keys"), "--replicas", "3");
        Assert.Equal(1, code);
        Assert.Contains("replicas", messages, StringComparison.Ordinal);
        Assert.False(File.Exists(Document));
        await Run("network", "new", Document, "--keys", At("keys"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(At("keys/authority.keys"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
            (code, _, messages) = await Run("network", "sign", Document, "--key", At("keys/authority.keys"));
            Assert.Equal(1, code);
            Assert.Contains("chmod 600", messages, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("200ms", 200)]
    [InlineData("5s", 5_000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("5", 0)]
    [InlineData("-1s", 0)]
    [InlineData("0s", 0)]
    [InlineData("s", 0)]
    public void Durations(string text, int milliseconds) =>
        Assert.Equal(milliseconds, Quantity.TryParseDuration(text, out TimeSpan duration) ? duration.TotalMilliseconds : 0);

    [Theory]
    [InlineData("1/s", 1_000)]
    [InlineData("0.2/s", 200)]
    [InlineData("30/m", 500)]
    [InlineData("16", 16_000)]
    [InlineData("1/h", 0)]
    [InlineData("99999/s", 0)]
    [InlineData("", 0)]
    public void RatesOfPeople(string text, int perKilosecond) =>
        Assert.Equal(perKilosecond, Quantity.TryParseRate(text, out int rate) ? rate : 0);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _home);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Descriptors of the smallest network; an authority's public key.</summary>
    async Task<string> Publish(string folder, string address)
    {
        IEnumerable<string> replicas = Enumerable.Range(0, 8).Select(i => $"replica-{i}");
        foreach (string name in (string[])["gateway-0", "mix-1-0", "mix-2-0", "mix-3-0", "courier-0", "compute-0", .. replicas])
        {
            string[] parts = name.Split('-');
            string[] place = ["--role", parts[0], "--index", parts[^1], .. parts.Length == 3 ? (string[])["--layer", parts[1]] : []];
            Assert.Equal(0, (await Run(["network", "descriptor", At($"{folder}/{name}.keys"), .. place, "--address", address])).Code);
        }
        return (await Run("network", "key", At("authority"))).Data.Trim();
    }

    async Task<string?> AddressAsync(string keys, params string[] options) =>
        (string?)JsonNode.Parse((await Run(["network", "descriptor", At(keys), .. options, "--json"])).Data)!["address"];

    string At(string name) => Path.Combine(_folder, name);

    static async Task<(int Code, string Data, string Messages)> Run(params string[] arguments)
    {
        RootCommand root = new("funion") { NetworkCommand.Create() };
        StringWriter data = new() { NewLine = "\n" };
        StringWriter messages = new() { NewLine = "\n" };
        int code = await Invocation.RunAsync(root, arguments, data, messages);
        return (code, data.ToString(), messages.ToString());
    }
}
