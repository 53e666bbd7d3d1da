using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Funion.Hosting;
using Funion.Hosting.Ingress;
using Funion.Network;
using Funion.Storage;

namespace Funion.Cli.Benches;

/// <summary>
/// How long a node takes from nothing until it says that it is ready: a gateway, as a process of its own each time, with its keys, document, queues and store at hand, as the
/// function app begins when it is scaled out. Beside it, the same program that only says its version.
/// </summary>
static class NodeStartBench
{
    static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(2);

    public static async Task<JsonObject> RunAsync(int runs, CancellationToken cancellation)
    {
        await using Azurite azurite = await Azurite.StartAsync(cancellation: cancellation);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("funion-start-");
        using HttpClient http = new();
        try
        {
            string listen = FreeAddress(), document = Path.Combine(folder.FullName, "network.json");
            string name = Write(document, $"http://{listen}");
            Dictionary<string, string> settings = new()
            {
                [AzureEnvironment.Connection] = azurite.ConnectionString, [NodeSettings.NameOf(nameof(NodeSettings.Role))] = "gateway",
                [NodeSettings.NameOf(nameof(NodeSettings.Prefix))] = name, [NodeSettings.NameOf(nameof(NodeSettings.Node))] = name,
                [NodeSettings.NameOf(nameof(NodeSettings.NetworkDocument))] = document, [NodeSettings.NameOf(nameof(NodeSettings.Authorities))] = document + ".authorities",
                [NodeSettings.NameOf(nameof(NodeSettings.Keys))] = Path.Combine(folder.FullName, $"{name}.keys"), [NodeSettings.NameOf(nameof(NodeSettings.Peers))] = "*",
            };
            return await StartBench.CompareAsync(
                runs, ["node", "--listen", listen], folder.FullName, settings, (_, late) => ReadyAsync(http, new Uri($"http://{listen}{RouteTable.Ready}"), late), "ready_ms", cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task<long> ReadyAsync(HttpClient http, Uri ready, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(ready, cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    return Stopwatch.GetTimestamp();
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(s_look, cancellation);
        }
    }

    static string Write(string document, string address)
    {
        using LocalNetworkPlan plan = LocalNetworkPlan.Create(
            new LocalNetworkOptions { GatewayAddresses = [address] }, TimeProvider.System.GetUtcNow(), Path.GetDirectoryName(document));
        File.WriteAllBytes(document, plan.Sign().ToBytes());
        File.WriteAllBytes(document + ".authorities", plan.Trusted.ToBytes());
        return plan.Document.Gateways[0].Name;
    }

    static string FreeAddress()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return $"{listener.LocalEndpoint}";
    }
}
