using Funion.Private.Protocol;

namespace Funion.Cli.TwoParty;

/// <summary>Takes what was prepared.</summary>
static class PreparedMaterial
{
    /// <summary>
    /// The first file that is good for a model on a kind of channel; null when there is none. What is of another model, of the other channel or damaged stays as
    /// it is, and nothing of it is told to anybody.
    /// </summary>
    public static ClientMaterial? Take(MaterialFolder folder, TwoPartyClient client, ChannelKind channel)
    {
        foreach (Bytes32 session in folder.Sessions)
        {
            if (folder.TryTake(client, session, channel, out ClientMaterial? material) == MaterialOutcome.Taken)
            {
                return material;
            }
        }
        return null;
    }
}
