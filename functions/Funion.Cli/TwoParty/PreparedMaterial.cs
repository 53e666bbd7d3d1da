using System.Globalization;
using Funion.Cli.Asking;
using Funion.Network;
using Funion.Private.Protocol;

namespace Funion.Cli.TwoParty;

/// <summary>Takes what was prepared, and says before questions how much of them is not.</summary>
static class PreparedMaterial
{
    /// <summary>
    /// The first file that is good for a model on a kind of channel; null when there is none. What is of another model or of the other channel stays as it is, what is damaged
    /// is of no use and goes, and nobody but the user is told.
    /// </summary>
    public static ClientMaterial? Take(MaterialFolder folder, TwoPartyClient client, ChannelKind channel, Action<string> note)
    {
        foreach (Bytes32 session in folder.Sessions)
        {
            MaterialOutcome outcome = folder.TryTake(client, session, channel, out ClientMaterial? material);
            if (outcome == MaterialOutcome.Taken)
            {
                return material;
            }
            if (outcome == MaterialOutcome.Malformed && folder.Forget(session))
            {
                note("prepared material was damaged, or is from another key, and is deleted");
            }
        }
        return null;
    }

    /// <summary>Says what so many questions still need beside what is prepared for them; nothing when all is.</summary>
    public static void Announce(AskingRequest request, ModelEntry model, MaterialFolder folder, TwoPartyClient client, ChannelKind channel, int questions)
    {
        int prepared = Math.Min(questions, folder.Count(client, channel)), missing = questions - prepared;
        if (missing == 0)
        {
            return;
        }
        string offline = Size(missing * client.Offline(DirectAsking.Transfer).Bytes), online = Size(questions * client.Online.Bytes);
        string ahead = $"ahead of use: funion prepare {model.Name} --channel {request.Channel}{(missing > 1 ? $" --count {missing}" : "")}{request.NamedNetwork}";
        request.Output.Note(questions == 1
            ? $"nothing is prepared: both phases now, {offline} and {online}; {ahead}"
            : $"{prepared} of {questions} runs are prepared: {offline} for the others now, and {online} for the answers; {ahead}");
    }

    /// <summary>Bytes in words.</summary>
    static string Size(long bytes) => bytes >= 1_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F0} kB");
}
