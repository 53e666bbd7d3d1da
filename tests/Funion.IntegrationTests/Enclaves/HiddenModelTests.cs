using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Enclaves;
using Funion.Cli.LocalNetwork;
using Funion.Models.Digits;
using Funion.Private.Attestation;
using Funion.Private.Networks;
using Funion.Private.Serving;

namespace Funion.IntegrationTests.Enclaves;

/// <summary>The walk-through of the README: an owner hides a model from its provider, the provider offers it, somebody asks; by the tool, each step as it is typed.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class HiddenModelTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-hidden-").FullName;

    HiddenModel Steps => new(_folder);

    string At(string name) => Steps.At(name);

    [Fact]
    public async Task An_owner_hides_a_model_a_provider_publishes_it_and_it_is_asked()
    {
        await Steps.PublishAsync();
        await using LocalHost host = await UpAsync();
        string file = await Steps.PictureAsync(host.Models[DigitModel.Name].Inputs[0].Name);
        (int code, JsonNode said, string notes) = await HiddenModel.RunAsync("infer", "hidden", file, "--mode", "enclave", "--network", At("network.json"), "--json");
        Assert.Equal((int)ExitCode.VerificationFailed, code);
        // The policy names who may ask, and that is shown, and said, before anything is asked.
        (code, said, notes) = await Steps.AskAsync(At("network.json"), file);
        Assert.Equal((int)ExitCode.Failed, code);
        Assert.Contains("names who may ask", (string)said["error"]!["message"]!, StringComparison.Ordinal);
        (code, said, notes) = await Steps.AskAsync(At("network.json"), file, "--enclave-key", At("asker.key"));
        Assert.True(code == 0, said.ToJsonString());
        IntegerNetwork network = PrivateModels.Digits();
        Assert.Equal(network.Run(DigitTrainer.HeldOutPicture(4, 44)), said["outputs"]![0]!["data"]!.AsArray().Select(value => (float)value!));
        Assert.Equal("4", (string)said["label"]!);
        Assert.Equal(1, (int)said["enclave"]!["policy"]!["questions"]!);
        Assert.Contains("one named key may ask, once each; answers are sealed for one named key", notes, StringComparison.Ordinal);
        // Plainly it is not asked: there is no model but in ciphertexts.
        (code, said, _) = await HiddenModel.RunAsync("infer", "hidden", file, "--network", At("network.json"), "--json");
        Assert.Equal(((int)ExitCode.Failed, true), (code, ((string)said["error"]!["message"]!).Contains("only asked with --mode enclave", StringComparison.Ordinal)));
        // What the policy grants is granted once.
        (code, said, _) = await Steps.AskAsync(At("network.json"), file, "--enclave-key", At("asker.key"));
        Assert.Equal(((int)ExitCode.Failed, "All questions that the model's policy grants have been asked."), (code, (string)said["error"]!["message"]!));
        // The counter that this user has seen is kept; an enclave that says less is one that was rolled back.
        AttestationFile published = AttestationFile.TryParse(host.Signed.Document.Model("hidden")!.Enclave!.Attestation)!;
        ulong newest = HomeCounters.Newest(published.Identity.SigningKey);
        Assert.True(newest > published.Identity.Counter);
        await HomeCounters.RaiseAsync(published.Identity.SigningKey, newest + 100, default);
        (code, said, _) = await Steps.AskAsync(At("network.json"), file, "--enclave-key", At("asker.key"));
        Assert.Equal((int)ExitCode.VerificationFailed, code);
        Assert.StartsWith("The enclave was rolled back", (string)said["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_the_owners_the_policys_or_the_enclaves_is_refused_at_each_step()
    {
        await Steps.PublishAsync();
        string[] seal = ["model", "seal", "digits", "--name", "hidden", "--policy", At("p"), "--offer", At("offer"), "--key", At("owner.key"), "--out", At("again"), "--json"];
        // Evidence that proves nothing is refused unless it is asked for.
        Assert.Equal((int)ExitCode.VerificationFailed, (await HiddenModel.RunAsync(seal)).Code);
        Assert.Equal(0, (await HiddenModel.RunAsync([.. seal, "--insecure-simulator"])).Code);
        // An offer for another policy than the owner's; a key that is not the policy's.
        Assert.Equal(0, (await HiddenModel.RunAsync("model", "policy", At("p2"), "--key", At("owner.key"), "--questions", "3", "--json")).Code);
        Assert.Equal((int)ExitCode.VerificationFailed, (await HiddenModel.RunAsync([.. seal.Select(word => word == At("p") ? At("p2") : word), "--insecure-simulator"])).Code);
        Assert.Equal(0, (await HiddenModel.RunAsync("model", "policy", At("p3"), "--key", At("thief.key"), "--json")).Code);
        Assert.Equal((int)ExitCode.VerificationFailed, (await HiddenModel.RunAsync([.. seal.Select(word => word == At("owner.key") ? At("thief.key") : word), "--insecure-simulator"])).Code);
        // Another enclave opens nothing of it; a file that was changed is none; the same file again is the same model.
        Assert.Equal((int)ExitCode.Failed, (await HiddenModel.RunAsync("model", "publish", At("sealed"), "--enclave", At("elsewhere"), "--insecure-simulator", "--json")).Code);
        Assert.Equal(0, (await HiddenModel.RunAsync("model", "publish", At("sealed"), "--enclave", At("enclave"), "--insecure-simulator", "--json")).Code);
        byte[] bytes = await File.ReadAllBytesAsync(At("sealed"));
        bytes[^9] ^= 1;
        await File.WriteAllBytesAsync(At("changed"), bytes);
        Assert.Equal((int)ExitCode.VerificationFailed, (await HiddenModel.RunAsync("model", "publish", At("changed"), "--enclave", At("enclave"), "--insecure-simulator", "--json")).Code);
        Assert.Equal((int)ExitCode.Usage, (await HiddenModel.RunAsync("model", "publish", At("sealed"), "--enclave", At("enclave"), "--json")).Code);
        Assert.Equal((int)ExitCode.Usage, (await HiddenModel.RunAsync("model", "policy", At("p4"), "--key", At("owner.key"), "--questions", "0", "--json")).Code);
        Assert.Equal((int)ExitCode.Usage, (await HiddenModel.RunAsync([.. seal, "--insecure-simulator", "--name", "../x"])).Code);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("owner.key")));
            File.SetUnixFileMode(At("owner.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            Assert.Equal((int)ExitCode.Failed, (await HiddenModel.RunAsync([.. seal, "--insecure-simulator"])).Code);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    async Task<LocalHost> UpAsync()
    {
        LocalHost host = await LocalHost.StartAsync(
            new LocalHostOptions
            {
                Listen = new Uri("http://127.0.0.1:0"), Buckets = [TimeSpan.FromSeconds(1)], MeanDelay = TimeSpan.FromMilliseconds(20), Rate = 20_000,
                Enclave = EnclaveProgram.Find(null), EnclaveFolder = At("enclave"),
            },
            default);
        await File.WriteAllBytesAsync(At("network.json"), host.Signed.ToBytes());
        await File.WriteAllBytesAsync(At("network.json.authorities"), host.Trusted.ToBytes());
        return host;
    }
}
