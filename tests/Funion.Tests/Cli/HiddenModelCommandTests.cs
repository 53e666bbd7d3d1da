using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Enclaves;
using Funion.Client;
using Funion.Network;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;
using Funion.Private.Protocol;
using Funion.Tests.Network;
using Funion.Tests.Private.Enclaves;

namespace Funion.Tests.Cli;

/// <summary>What the tool says of a hidden model before anything is sent: the network of these tests is a document and nothing more. FUNION_HOME is the process's.</summary>
[Collection(nameof(FunionHome))]
public sealed class HiddenModelCommandTests : IDisposable
{
    static readonly Bytes32 s_key = new([.. Enumerable.Repeat((byte)7, 32)]);

    readonly string _folder = Directory.CreateTempSubdirectory("funion-hidden-").FullName;
    readonly string? _home = Environment.GetEnvironmentVariable(FunionHome.Variable);
    readonly NetworkDocument _document;
    readonly AttestationFile _evidence;
    readonly DataOwner _named;

    public HiddenModelCommandTests()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, At("home"));
        _named = AskerKeyFile.Load(At("asker.key"), make: true, out _)!;
        EnclavePolicy policy = new(24, s_key, 5, [_named.User], []);
        EnclaveIdentity identity = new(s_key, s_key, s_key, policy.Digest(), EnclaveIdentity.KeyDigest([1, 2]), 3, default);
        _evidence = new AttestationFile(AttestationFile.Simulated, identity, SimulatedEvidence.Sign(identity), policy);
        byte[] architecture = ArchitectureFormat.ToBytes(EnclaveWorld.Digits());
        string hash = new('b', 64);
        using LocalNetworkPlan plan = LocalNetworkPlan.Create(
            new LocalNetworkOptions
            {
                Models =
                [
                    Model("digits") with { Enclave = new EnclaveEntry("digits.enclave", architecture, _evidence.ToJson()) }, Model("digits.enclave") with { Sha256 = new string('c', 64) },
                    Model("hidden") with { Sha256 = hash, Enclave = new EnclaveEntry("hidden.enclave", architecture, _evidence.ToJson()) },
                    Model("hidden.enclave") with { Sha256 = hash }, Model("plain"), Model("plain/two-party"),
                ],
            },
            DateTimeOffset.UtcNow);
        _document = plan.Document;
        File.WriteAllBytes(At("network.json"), plan.Sign().ToBytes());
        File.WriteAllBytes(At("network.json.authorities"), plan.Trusted.ToBytes());
    }

    /// <summary>The picture is not even there: nothing is read, and so nothing can be sent.</summary>
    [Fact]
    public async Task A_hidden_model_is_not_asked_plainly_in_any_way()
    {
        foreach (string[] more in (string[][])[[], ["--verify", "3"], ["--verify", "3", "--later"]])
        {
            (int code, JsonNode said) = await RunAsync(["infer", "hidden", At("none.png"), .. more]);
            Assert.Equal((int)ExitCode.Failed, code);
            Assert.Contains("is only asked with --mode enclave", (string?)said["error"]!["message"], StringComparison.Ordinal);
        }
        Assert.Equal((int)ExitCode.NoSuchModel, (await RunAsync("infer", "hidden.enclave", At("none.png"))).Code);
        // One that is asked in both ways is read by its name.
        Assert.DoesNotContain("--mode", (string?)(await RunAsync("infer", "digits", At("none.png"))).Said["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_and_status_list_what_people_ask_with_the_ways_in_which_it_is_asked()
    {
        JsonArray models = (await RunAsync("models")).Said.AsArray();
        string[] expected = ["digits: plain, enclave", "hidden: enclave", "plain: plain"];
        Assert.Equal(expected, Modes(models));
        JsonObject status = StatusJson.Of(_document, _document.Gateways[0].Id, new LoopStatistics(1, 1, 1, 0, 0), DateTimeOffset.UtcNow);
        Assert.Equal(expected, Modes(status["models"]!.AsArray()));
        Assert.Equal(["digits", "hidden", "plain"], status["boundaries"]!.AsArray().Select(boundary => (string?)boundary!["model"]).Distinct());
        // The document keeps all of them.
        Assert.Equal(6, _document.Models.Count);
    }

    [Fact]
    public async Task Keys_and_policy_are_looked_at_before_anything_is_sent()
    {
        string[] ask = ["infer", "hidden", At("none.png"), "--mode", "enclave", "--insecure-simulator"];
        Assert.Contains("give your keys with --enclave-key", await ErrorAsync(ask), StringComparison.Ordinal);
        Assert.StartsWith($"There is no file {At("missing.key")}", await ErrorAsync([.. ask, "--enclave-key", At("missing.key")]), StringComparison.Ordinal);
        AskerKeyFile.Load(At("other.key"), make: true, out _)!.Dispose();
        string other = await ErrorAsync([.. ask, "--enclave-key", At("other.key")]);
        Assert.Contains("not among them", other, StringComparison.Ordinal);
        Assert.DoesNotContain("give your keys", other, StringComparison.Ordinal);
        // The one who is named comes as far as the picture.
        Assert.Contains("none.png", await ErrorAsync([.. ask, "--enclave-key", At("asker.key")]), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(At("asker.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            Assert.Contains("chmod 600", await ErrorAsync([.. ask, "--enclave-key", At("asker.key")]), StringComparison.Ordinal);
        }
        JsonNode none = (await RunAsync("infer", "plain", At("none.png"), "--mode", "enclave")).Said["error"]!;
        Assert.Contains("funion models", (string?)none["hint"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evidence_is_verified_in_whichever_file_there_is()
    {
        await File.WriteAllBytesAsync(At("evidence"), _evidence.ToJson());
        await File.WriteAllBytesAsync(At("offer"), new OfferFile(_evidence, [1, 2]).ToJson());
        string nonce = default(Bytes32).ToString();
        foreach (string[] file in (string[][])[[At("evidence")], [At("offer")], [At("network.json"), "--model", "hidden"]])
        {
            (int code, JsonNode said) = await RunAsync(["attest", "verify", .. file, "--insecure-simulator"]);
            Assert.Equal((0, s_key.ToString()), (code, (string?)said["signing_key"]));
            Assert.Null(said["fresh"]);
            Assert.True((bool?)(await RunAsync(["attest", "verify", .. file, "--insecure-simulator", "--nonce", nonce])).Said["fresh"]);
        }
        using StringWriter data = new(), messages = new();
        Assert.Equal(0, await Invocation.RunAsync(FunionRoot.Create(), ["attest", "verify", At("offer"), "--insecure-simulator"], data, messages));
        Assert.Contains("fresh was not checked", data.ToString(), StringComparison.Ordinal);
        // Two have an enclave; a file that is none, and one that is not there.
        Assert.Contains("digits, hidden", await ErrorAsync("attest", "verify", At("network.json")), StringComparison.Ordinal);
        Assert.Equal((int)ExitCode.NoSuchModel, (await RunAsync("attest", "verify", At("network.json"), "--model", "plain")).Code);
        Assert.Contains("no evidence", await ErrorAsync("attest", "verify", At("asker.key")), StringComparison.Ordinal);
        Assert.Equal($"There is no file {At("none")}.", await ErrorAsync("attest", "verify", At("none")));
    }

    [Fact]
    public async Task What_trust_leaves_open_is_named()
    {
        using AttestationAuthority authority = new();
        await File.WriteAllBytesAsync(At("evidence"), _evidence.ToJson());
        foreach (string part in (string[])["issuer", "keys", "measurements", "host_data", "max_age_s", "firmware"])
        {
            JsonObject trust = authority.TrustJson();
            trust.Remove(part);
            Assert.Contains(part == "firmware" ? "'bootloader' open" : $"'{part}' open", await TrustAsync(trust.ToJsonString()), StringComparison.Ordinal);
        }
        JsonObject without = authority.TrustJson();
        without["firmware"]!.AsObject().Remove("microcode");
        Assert.Contains("'microcode' open", await TrustAsync(without.ToJsonString()), StringComparison.Ordinal);
        Assert.Contains("no JSON", await TrustAsync("[]"), StringComparison.Ordinal);
        Assert.Equal("There is no file nowhere.", await ErrorAsync("attest", "verify", At("evidence"), "--trust", "nowhere"));

        async Task<string> TrustAsync(string text)
        {
            await File.WriteAllTextAsync(At("trust"), text);
            return await ErrorAsync("attest", "verify", At("evidence"), "--trust", At("trust"));
        }
    }

    [Fact]
    public async Task A_policy_says_what_is_wrong_with_it_and_does_not_take_anothers_place()
    {
        string[] make = ["model", "policy", At("p"), "--key", At("owner.key")];
        Assert.Contains("--questions", await ErrorAsync([.. make, "--questions", "0"]), StringComparison.Ordinal);
        Assert.Equal("--bits is 24 or 32.", await ErrorAsync([.. make, "--bits", "16"]));
        Assert.StartsWith("--user takes", await ErrorAsync([.. make, "--user", "abc"]), StringComparison.Ordinal);
        Assert.StartsWith("--recipient takes", await ErrorAsync([.. make, "--recipient", new string('g', 64)]), StringComparison.Ordinal);
        Assert.False(File.Exists(At("p")) || File.Exists(At("owner.key")));
        Assert.Equal(0, (await RunAsync(make)).Code);
        byte[] first = await File.ReadAllBytesAsync(At("p"));
        // The same again is the same; another is refused, and the first one stays.
        Assert.Equal(0, (await RunAsync(make)).Code);
        Assert.Contains("is not this policy", await ErrorAsync([.. make, "--questions", "3"]), StringComparison.Ordinal);
        Assert.Equal(first, await File.ReadAllBytesAsync(At("p")));
        // Which of two files is wrong.
        string[] seal = ["model", "seal", "digits", "--key", At("owner.key"), "--out", At("sealed")];
        await File.WriteAllBytesAsync(At("offer"), new OfferFile(_evidence, [1, 2]).ToJson());
        Assert.Contains("--policy", await ErrorAsync([.. seal, "--policy", At("offer"), "--offer", At("offer")]), StringComparison.Ordinal);
        Assert.Contains("--offer", await ErrorAsync([.. seal, "--policy", At("p"), "--offer", At("p")]), StringComparison.Ordinal);
        Assert.Equal($"There is no file {At("none")}.", await ErrorAsync([.. seal, "--policy", At("none"), "--offer", At("offer")]));
    }

    public void Dispose()
    {
        _named.Dispose();
        Environment.SetEnvironmentVariable(FunionHome.Variable, _home);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>One job a minute: several models fit beside each other.</summary>
    static ModelEntry Model(string name) => Networks.Model(name, batch: 1, 60_000);

    string At(string name) => Path.Combine(_folder, name);

    static IEnumerable<string> Modes(JsonArray models) => models.Select(model => $"{model!["name"]}: {string.Join(", ", model["modes"]!.AsArray())}");

    async Task<string> ErrorAsync(params string[] arguments) => (string)(await RunAsync(arguments)).Said["error"]!["message"]!;

    async Task<(int Code, JsonNode Said)> RunAsync(params string[] arguments)
    {
        string[] network = arguments[0] is "infer" or "models" ? ["--network", At("network.json")] : [];
        using StringWriter data = new(), messages = new();
        int code = await Invocation.RunAsync(FunionRoot.Create(), [.. arguments, .. network, "--json"], data, messages);
        return (code, JsonNode.Parse(data.ToString())!);
    }
}
