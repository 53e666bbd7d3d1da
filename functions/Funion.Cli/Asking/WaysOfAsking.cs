using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Enclaves;
using Funion.Cli.TwoParty;
using Funion.Network;

namespace Funion.Cli.Asking;

/// <summary>From what was asked for to a way of asking. A new mode is one line here.</summary>
static class WaysOfAsking
{
    /// <summary>A way that is not open yet, or the exit code of the error that was printed.</summary>
    public static async Task<(WayOfAsking? Way, int Code)> ChooseAsync(AskingRequest request, CancellationToken cancellation)
    {
        switch (request.Mode, request.Channel)
        {
            case (AskingRequest.Plain, AskingRequest.Anonymous):
                break;
            case (AskingRequest.Plain, _):
                return (null, request.Output.Error(
                    ExitCode.Usage, "A plain question on a direct channel would show who asks and what.", "leave out --channel, or hide the input: --mode two-party"));
            case (AskingRequest.TwoParty, _):
                return await ChooseTwoPartyAsync(request, cancellation);
            case (AskingRequest.Enclave, AskingRequest.Anonymous):
                (NetworkDocument? with, int problem) = await CommonOptions.OpenAsync(request.Output, request.Network, request.Authorities, cancellation);
                return with is null ? (null, problem) : with.Model(request.Model) is { } enclaved ? EnclaveAsking.Choose(request, with, enclaved) : NoModel(request);
            default:
                return (null, request.Output.Error(ExitCode.Failed, $"The mode {request.Mode} is not offered on the {request.Channel} channel."));
        }
        if (request.Network is null && await ServeLink.FindAsync(cancellation) is { } link)
        {
            request.Output.Note($"through the running serve at {link.Address}");
            if (await link.FindModelAsync(request.Model, cancellation) is ({ } served, var isPlain))
            {
                if (!isPlain)
                {
                    link.Dispose();
                    return OnlyInEnclave(request);
                }
                // It has a deadline of its own, and the network's document.
                request.Extend?.Invoke(TimeSpan.FromDays(1));
                return (new ServeAsking(link, served), 0);
            }
            link.Dispose();
            return NoModel(request);
        }
        (NetworkDocument? document, int code) = await CommonOptions.OpenAsync(request.Output, request.Network, request.Authorities, cancellation);
        return document is null ? (null, code) : ChoosePlain(request, document);
    }

    static (WayOfAsking? Way, int Code) ChoosePlain(AskingRequest request, NetworkDocument document) => document.Model(request.Model) switch
    {
        { } model when document.IsHidden(model) => OnlyInEnclave(request),
        { } model when !document.IsCarrier(model) => (new PlainAsking(request, document, model), 0),
        _ => NoModel(request),
    };

    static async Task<(WayOfAsking? Way, int Code)> ChooseTwoPartyAsync(AskingRequest request, CancellationToken cancellation)
    {
        (NetworkDocument? document, int code) = await CommonOptions.OpenAsync(request.Output, request.Network, request.Authorities, cancellation);
        if (document is null)
        {
            return (null, code);
        }
        if (document.Model(request.Model) is not { } model)
        {
            return NoModel(request);
        }
        ModelEntry? jobs = document.Model(TwoPartyEntry.JobsOf(model.Name));
        bool reachable = document.Node(model.Compute) is { Address.Length: > 0 };
        return (model.TwoParty, request.Channel, jobs) switch
        {
            (null, _, _) => (null, request.Output.Error(
                ExitCode.Failed, $"The model '{model.Name}' is not offered in two-party mode.", "what a model needs for it: funion model check FILE.onnx")),
            (_, AskingRequest.Direct, _) when reachable => (new DirectAsking(request, document, model), 0),
            (_, AskingRequest.Direct, _) => (null, request.Output.Error(ExitCode.Failed, "The provider has no address at which it could be asked directly.")),
            (_, _, not null) => (new AnonymousAsking(request, document, model, jobs), 0),
            _ => (null, request.Output.Error(
                ExitCode.Failed, $"The model '{model.Name}' is not offered in two-party mode on the anonymous channel.",
                "with your address shown and your input hidden: --channel direct")),
        };
    }

    /// <summary>Before anything is read or sent: whoever runs the model would read a plain question, and could not answer it.</summary>
    static (WayOfAsking? Way, int Code) OnlyInEnclave(AskingRequest request) =>
        (null, request.Output.Error(ExitCode.Failed, EnclaveEntry.OnlyAsked(request.Model), $"ask so: funion infer {request.Model} INPUT --mode enclave"));

    static (WayOfAsking? Way, int Code) NoModel(AskingRequest request) =>
        (null, request.Output.Error(ExitCode.NoSuchModel, $"The network has no model '{request.Model}'.", "see what there is with: funion models"));
}
