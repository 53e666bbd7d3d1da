using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using Funion.Bacap;
using Funion.Cli.Console;
using Funion.Cli.Issuing;
using Funion.Cli.Network;
using Funion.Cli.Planning;
using Funion.Cli.Proxy;
using Funion.Client;
using Funion.Network;
using Funion.Oip;

namespace Funion.Cli.Commands;

/// <summary><c>funion serve</c>: the always-on client, and a local proxy that speaks the Open Inference Protocol.</summary>
static class ServeCommand
{
    const long Largest = 1L << 30;

    public static Command Create()
    {
        Option<string> listen = new("--listen") { Description = "Where the proxy listens, on this machine.", DefaultValueFactory = _ => "127.0.0.1:8080" };
        Option<string?> network = CommonOptions.Network(), authorities = CommonOptions.Authorities(), invitation = CommonOptions.Invitation();
        Option<string> timeout = CommonOptions.Timeout();
        Command command = new("serve", "Stay online with constant cover; a local proxy for Open Inference Protocol clients.") { listen, network, authorities, invitation, timeout };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, json: true);
            if (!IPEndPoint.TryParse(parsed.GetRequiredValue(listen), out IPEndPoint? endpoint) || !IPAddress.IsLoopback(endpoint.Address)
                || !Quantity.TryParseDuration(parsed.GetRequiredValue(timeout), out TimeSpan deadline))
            {
                return output.Error(ExitCode.Usage, "--listen takes an address of this machine such as 127.0.0.1:8080, --timeout a duration such as 5m.");
            }
            (NetworkChoice? choice, int code) = await CommonOptions.ChooseAsync(
                output, parsed.GetValue(network), parsed.GetValue(authorities), cancellation);
            if (choice is not null && parsed.GetResult(timeout) is not { Implicit: false })
            {
                deadline = LatencyPlan.Patience(choice.Document!);
            }
            return choice is null ? code : await RunAsync(
                output, choice, options => Invitations.With(options, output, choice.Document!, parsed.GetValue(invitation), parsed.GetValue(network), asksNow: false), endpoint,
                deadline, cancellation);
        });
        return command;
    }

    static async Task<int> RunAsync(
        Output output, NetworkChoice choice, Func<SessionOptions, SessionOptions> paying, IPEndPoint endpoint, TimeSpan deadline, CancellationToken cancellation)
    {
        using Leftovers? leftovers = FunionHome.OpenLeftovers(choice.Document!);
        await using FunionSession session = new(
            choice.Document!, paying(new SessionOptions { Pin = choice.Pin, Leftovers = leftovers, Gateway = GatewayChoice.For(choice.Document!) }));
        _ = session.Client.ClearLeftoversAsync();
        string token = ServeLink.NewToken();
        try
        {
            await using ProxyServer proxy = await ProxyServer.StartAsync(endpoint, Handlers(session, deadline), token, cancellation);
            using IDisposable announced = ServeLink.Announce(proxy.Address, token);
            output.Data(new JsonObject { ["ready"] = true, ["proxy"] = proxy.Address.GetLeftPart(UriPartial.Authority) });
            await session.Completion.WaitAsync(cancellation);
            return output.Error(ExitCode.Failed, "The client ended.");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (int)ExitCode.Interrupted;
        }
        catch (IOException error)
        {
            return output.Error(ExitCode.Failed, error.Message);
        }
    }

    static ProxyHandlers Handlers(FunionSession session, TimeSpan deadline) => new(OipBackend.Of(session.Client), deadline)
    {
        Status = () => StatusJson.Of(session.Document, session.Mixnet.Gateway, session.Mixnet.Statistics, DateTimeOffset.UtcNow),
        Put = async (content, copy, cancellation) =>
        {
            WriteCapability capability = copy
                ? await session.Client.PutAllAsync(content, null, cancellation)
                : await session.Client.PutAsync(content, null, cancellation);
            return (capability.ToReadCapability().ToString(), capability.ToSecretString());
        },
        Get = async (text, cancellation) => ReadCapability.TryParse(text, out ReadCapability? capability)
            ? await session.Client.GetAsync(capability, Largest, null, cancellation)
            : throw new FunionException(FunionError.BadInput, "This is not a read capability."),
        Delete = async (text, cancellation) =>
        {
            _ = WriteCapability.TryParse(text, out WriteCapability? capability)
                ? await session.Client.DeleteAsync(capability, null, cancellation)
                : throw new FunionException(FunionError.BadInput, "This is not a write capability.");
        },
    };
}
