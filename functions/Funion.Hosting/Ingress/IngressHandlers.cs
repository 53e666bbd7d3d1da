using Funion.Mixing;
using Funion.Network;
using Funion.Roles;
using Funion.Sphinx;

namespace Funion.Hosting.Ingress;

/// <summary>What stands behind the ingress: a gateway's role, and the sizes that every request is held to.</summary>
/// <param name="PacketSize">Bytes of one packet.</param>
/// <param name="PollSize">Bytes of one mailbox poll.</param>
/// <param name="RequestsPerSecond">What one connection may send, packets and polls together.</param>
/// <param name="Document">The signed network document as it is served now.</param>
/// <param name="Submit">Takes one packet.</param>
/// <param name="Poll">Answers one poll; null when it is malformed.</param>
/// <param name="Loops">What became of the nodes' own loops.</param>
public sealed record IngressHandlers(
    int PacketSize, int PollSize, double RequestsPerSecond, Func<ReadOnlyMemory<byte>> Document,
    Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> Submit,
    Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<byte[]?>> Poll, Func<CancellationToken, ValueTask<IReadOnlyList<LoopReport>>> Loops)
{
    /// <summary>What a client of <paramref name="network"/> may send after an epoch's turn, when each poll asks for two mailboxes, with a tenth more for clocks that differ.</summary>
    public static IngressHandlers For(
        NetworkDocument network, Func<ReadOnlyMemory<byte>> document, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> submit,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<byte[]?>> poll, Func<CancellationToken, ValueTask<IReadOnlyList<LoopReport>>> loops)
    {
        ArgumentNullException.ThrowIfNull(network);
        double perSecond = network.Rates.ClientPerSecond + network.Rates.ClientLoopPerSecond + (2 * network.Mailbox.PollsPerSecond);
        return new IngressHandlers(
            new SphinxGeometry(network.Geometry.UserPayload, network.Geometry.Hops).PacketSize, MailboxRequest.Size(network.Mailbox.PacketsPerPoll),
            1.1 * perSecond, document, submit, poll, loops);
    }

    /// <summary>The largest body of any route.</summary>
    public int LargestBody => Math.Max(PacketSize, PollSize);
}
