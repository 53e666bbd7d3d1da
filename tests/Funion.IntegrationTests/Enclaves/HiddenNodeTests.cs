using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.LocalNetwork;
using Funion.Cli.Nodes;
using Funion.Hosting;
using Funion.Models.Digits;
using Funion.Network;
using Funion.Private.Serving;
using Funion.Roles;

namespace Funion.IntegrationTests.Enclaves;

/// <summary>A hidden model at a compute node that runs by itself: the document names the enclave of a folder, and the node offers what was published there.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class HiddenNodeTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("funion-hidden-node-").FullName;

    HiddenModel Steps => new(_folder);

    [Fact]
    public async Task A_published_model_is_asked_of_a_compute_node_that_runs_by_itself()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(4));
        await Steps.PublishAsync();
        ServedModels? served = null;
        try
        {
            // Nodes end before what compute runs.
            await using SeparateNodes nodes = new();
            (SignedNetworkDocument signed, TrustedAuthorities pin, string input) = Plan(nodes);
            foreach (NodeDescriptor node in signed.Document.Nodes)
            {
                await nodes.StartAsync(signed.Document, node, pin, Serve, deadline.Token);
            }
            string file = await Steps.PictureAsync(input);
            (int code, JsonNode said, _) = await Steps.AskAsync(nodes.Document, file, "--enclave-key", Steps.At("asker.key"), "--timeout", "3m");
            Assert.True(code == 0, said.ToJsonString());
            Assert.Equal(PrivateModels.Digits().Run(DigitTrainer.HeldOutPicture(4, 44)), said["outputs"]![0]!["data"]!.AsArray().Select(value => (float)value!));
        }
        finally
        {
            served?.Dispose();
        }

        RunBatch? Serve(NodeSettings settings)
        {
            ServedModels? here = NodeCommand.Serve(settings, settings.Role == NodeRole.Compute ? (EnclaveProgram.Find(null), Steps.At("enclave")) : default, note: null);
            served ??= here;
            return here is null ? null : here.RunAsync;
        }
    }

    [Fact]
    public async Task A_document_names_the_enclave_of_a_folder_and_what_cannot_have_one_is_refused()
    {
        await Steps.PublishAsync();
        string document = Steps.At("planned.json");
        string[] plan = ["network", "new", document, "--keys", Steps.At("keys"), "--gateway", "http://127.0.0.1:7071", "--json"];
        string[] enclave = ["--enclave", Steps.At("enclave"), "--insecure-simulator"];
        (int code, JsonNode said, string notes) = await HiddenModel.RunAsync([.. plan, "--bucket", "60s", .. enclave]);
        Assert.True(code == 0, said.ToJsonString() + notes);
        Assert.True(SignedNetworkDocument.TryParse(await File.ReadAllBytesAsync(document), out SignedNetworkDocument? signed));
        Assert.NotNull(signed.Document.Model("hidden")?.Enclave);
        // Without the word that it protects nothing; without a folder, or buckets for its models; a node that computes nothing.
        Assert.Equal((int)ExitCode.Usage, (await HiddenModel.RunAsync([.. plan, "--bucket", "60s", .. enclave[..2]])).Code);
        Assert.Equal((int)ExitCode.Usage, (await HiddenModel.RunAsync([.. plan, "--bucket", "60s", "--insecure-simulator"])).Code);
        Assert.Equal((int)ExitCode.Failed, (await HiddenModel.RunAsync([.. plan, .. enclave])).Code);
        Assert.Equal((int)ExitCode.Usage, (await HiddenModel.RunAsync("node", "--insecure-simulator")).Code);
        Assert.Equal((int)ExitCode.Usage, (await HiddenModel.RunAsync(["node", .. enclave[..2]])).Code);
        NodeSettings settings = new()
        {
            Node = "mix-1-0", Role = NodeRole.Mix, Prefix = "mix-1-0", NetworkDocument = document, Authorities = document + ".authorities", Keys = Steps.At("keys/mix-1-0.keys"),
        };
        Assert.Throws<NodeSettingsException>(() => NodeCommand.Serve(settings, (EnclaveProgram.Find(null), Steps.At("enclave")), note: null));
        Assert.Null(NodeCommand.Serve(settings, default, note: null));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The document, which names the enclave; whoever makes it has the folder before the node has.</summary>
    (SignedNetworkDocument Signed, TrustedAuthorities Pin, string Input) Plan(SeparateNodes nodes)
    {
        using ServedModels offered = new([], note: null, EnclaveProgram.Find(null), Steps.At("enclave"));
        return (nodes.Plan(offered, out TrustedAuthorities pin), pin, offered[DigitModel.Name].Inputs[0].Name);
    }
}
