using Funion.Client;
using Funion.Private.Protocol;

namespace Funion.Cli.TwoParty;

/// <summary>Tells how far a phase is, in KiB, after each message.</summary>
static class PhaseProgress
{
    public const string Offline = "offline", Online = "online";

    public static void Show(MessageChannel channel, TwoPartyClient client, TransferKind transfer, Action<ClientProgress> progress)
    {
        Traffic before = channel.Traffic(ProtocolPhase.Offline);
        int offline = Kibibytes(client.Offline(transfer).Bytes), online = Kibibytes(client.Online.Bytes);
        channel.Moved = phase =>
        {
            bool first = phase == ProtocolPhase.Offline;
            long done = first ? channel.Traffic(phase).Bytes - before.Bytes : channel.Traffic(phase).Bytes;
            progress(new ClientProgress(first ? Offline : Online, Kibibytes(done), first ? offline : online));
        };
    }

    static int Kibibytes(long bytes) => (int)Math.Min(int.MaxValue, (bytes + 1023) >> 10);
}
