using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Enclaves;
using Funion.Cli.Ingress;
using Funion.Cli.LocalNetwork;
using Funion.Cli.TwoParty;
using Funion.Hosting;
using Funion.Models;
using Funion.Network;
using Microsoft.Extensions.Configuration;

namespace Funion.Cli.Nodes;

/// <summary><c>funion node</c>: one node of a network as a process, with the settings of the function app.</summary>
static class NodeCommand
{
    const int Concurrency = 64;

    public static Command Create()
    {
        Option<string?> settings = new("--settings") { Description = "A local.settings.json; environment variables go before." };
        Option<string?> listen = new("--listen") { Description = "Where it listens, 127.0.0.1:8600: a gateway, or a node that takes hops of other operators." };
        EnclaveChoice enclave = new(needsFolder: true);
        Command command = new("node", "Run one node of a network until interrupted.") { settings, listen };
        enclave.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, json: true);
            if (!enclave.TryRead(parsed, output, out string? program, out ExitCode refused))
            {
                return (int)refused;
            }
            try
            {
                return await RunAsync(
                    output, NodeSettingsFile.Read(parsed.GetValue(settings)), parsed.GetValue(listen), (program, enclave.Folder(parsed)), cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return (int)ExitCode.Interrupted;
            }
            catch (Exception error) when (error is NodeSettingsException or ModelException or IOException)
            {
                return output.Error(ExitCode.Failed, error.Message, "settings: see local.settings.sample.json");
            }
        });
        return command;
    }

    /// <summary>What a compute node runs: models of its settings' folder, and those that were published in its enclave's. Null for every other role.</summary>
    /// <exception cref="NodeSettingsException">Another role is to have an enclave.</exception>
    /// <exception cref="IOException">The enclave does not start.</exception>
    public static ServedModels? Serve(NodeSettings settings, (string? Program, string? Folder) enclave, Action<string>? note)
    {
        if (settings.Role != NodeRole.Compute)
        {
            return enclave.Program is null ? null : throw new NodeSettingsException(NodeSettings.NameOf(nameof(NodeSettings.Role)), "is not compute, which alone has an enclave");
        }
        try
        {
            return new ServedModels(ModelSet.FilesOf(settings.Models), note, enclave.Program, enclave.Folder);
        }
        catch (InvalidOperationException refused) when (enclave.Program is not null)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    static async Task<int> RunAsync(Output output, IConfiguration configuration, string? listen, (string? Program, string? Folder) enclave, CancellationToken cancellation)
    {
        NodeSettings settings = NodeSettings.Read(configuration);
        Uri? address = null;
        if (listen is not null && !Uri.TryCreate("http://" + listen, UriKind.Absolute, out address))
        {
            return output.Error(ExitCode.Usage, $"'{listen}' is not an address such as 127.0.0.1:8600.", "run: funion node --help");
        }
        using ServedModels? served = Serve(settings, enclave, output.Note);
        using TwoPartyJobs? jobs = served is null ? null : new TwoPartyJobs(served.Anonymous, NodeShelf.Anonymous(state: null, keys: null, TimeProvider.System), TimeProvider.System);
        NodeEnvironment environment = AzureEnvironment.Of(settings, configuration) with { Run = served is null ? null : jobs!.Before(served.RunAsync) };
        await using NodeHost host = new(settings, environment);
        using NodeKeys? keys = served is null || address is null ? null : Keys(settings.Keys);
        NodeRoutes routes = new(host, behindFrontEnd: false);
        DirectServer? open = null;
        await using IngressServer? server = address is null
            ? null
            : await IngressServer.StartAsync(
                address, NodeRoutes.LargestBody, context => (open?.Before(routes.HandleAsync) ?? routes.HandleAsync)(context), cancellation,
                keys is null ? 0 : DirectServer.MostSockets);
        await using DirectServer? direct = keys is null
            ? null
            : new DirectServer(served!.Private, keys, state: null, TimeProvider.System);
        open = direct;
        output.Data(new JsonObject { ["node"] = settings.Node, ["listen"] = server?.Address.GetLeftPart(UriPartial.Authority) });
        using NodeProcess process = new(host, environment, Concurrency);
        await process.RunAsync(cancellation);
        return (int)ExitCode.Interrupted;
    }

    /// <summary>The identity that the direct channel is proven with; a vault's keys are the function app's, which has no such channel.</summary>
    static NodeKeys? Keys(string file) => NodeKeys.Load(file, out NodeKeys? keys) == KeyFileOutcome.Loaded ? keys : null;
}
