using Funion.Cli.Console;
using Funion.Mixing;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary>
/// The gateway that this user's clients stay with, by network: <c>trust/NAME.gateway</c> holds its id. A client that drew another one each time would
/// show itself to all of them. It is drawn again when the network has it no more, or when the file is deleted.
/// </summary>
static class GatewayChoice
{
    /// <summary>The gateway to use; remembered where there is a choice.</summary>
    public static NodeId For(NetworkDocument document)
    {
        if (document.Gateways.Count == 1 || !TrustStore.IsFileName(document.Name))
        {
            return document.Gateways[0].Id;
        }
        if (TrustStore.Gateway(document.Name) is { } kept && document.Node(kept) is { Role: NodeRole.Gateway })
        {
            return kept;
        }
        NodeId drawn = document.Gateways[RandomSource.System.Below(document.Gateways.Count)].Id;
        try
        {
            TrustStore.Choose(document.Name, drawn);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // Drawn again the next time.
        }
        return drawn;
    }
}
