using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
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
        Command command = new("node", "Run one node of a network until interrupted.") { settings, listen };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, json: true);
            try
            {
                return await RunAsync(output, NodeSettingsFile.Read(parsed.GetValue(settings)), parsed.GetValue(listen), cancellation);
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

    static async Task<int> RunAsync(Output output, IConfiguration configuration, string? listen, CancellationToken cancellation)
    {
        NodeSettings settings = NodeSettings.Read(configuration);
        Uri? address = null;
        if (listen is not null && !Uri.TryCreate("http://" + listen, UriKind.Absolute, out address))
        {
            return output.Error(ExitCode.Usage, $"'{listen}' is not an address such as 127.0.0.1:8600.", "run: funion node --help");
        }
        IReadOnlyList<(string Name, string File)> files = settings.Role == NodeRole.Compute ? ModelSet.FilesOf(settings.Models) : [];
        using ServedModels? served = settings.Role == NodeRole.Compute ? new ServedModels(files, output.Note) : null;
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
