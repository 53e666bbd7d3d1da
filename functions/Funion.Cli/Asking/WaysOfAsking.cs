using Funion.Cli.Commands;
using Funion.Cli.Console;
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
            default:
                return (null, request.Output.Error(ExitCode.Failed, $"The mode {request.Mode} is not offered on the {request.Channel} channel."));
        }
        if (request.Network is null && await ServeLink.FindAsync(cancellation) is { } link)
        {
            request.Output.Note($"through the running serve at {link.Address}");
            if (await link.FindModelAsync(request.Model, cancellation) is { } served)
            {
                return (new ServeAsking(link, served), 0);
            }
            link.Dispose();
            return NoModel(request);
        }
        (NetworkDocument? document, int code) = await CommonOptions.OpenAsync(request.Output, request.Network, request.Authorities, cancellation);
        return document is null ? (null, code) : document.Model(request.Model) is { } model ? (new PlainAsking(request, document, model), 0) : NoModel(request);
    }

    static (WayOfAsking? Way, int Code) NoModel(AskingRequest request) =>
        (null, request.Output.Error(ExitCode.NoSuchModel, $"The network has no model '{request.Model}'.", "see what there is with: funion models"));
}
