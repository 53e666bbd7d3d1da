using Funion.Network;
using Funion.Roles;

namespace Funion.Client;

/// <summary>
/// Keeps a sender's network document current: fetches the gateway's at times that depend on nothing but chance, holds it to the pin and to what is known,
/// compares it through a second gateway, and lets the sender take it over. Whatever is refused changes nothing; the document that is there goes on until
/// it ends.
/// </summary>
/// <param name="mixnet">The sender.</param>
/// <param name="trust">The pin.</param>
/// <param name="fetch">Fetches what a gateway serves.</param>
/// <param name="time">Clock.</param>
public sealed class DocumentWatch(
    MixnetClient mixnet, NetworkTrust trust, Func<Uri, CancellationToken, Task<byte[]>> fetch, TimeProvider time) : Actor
{
    /// <summary>Looks so often in an epoch, on average: a document is good for more than one.</summary>
    const int LooksPerEpoch = 12;

    /// <summary>Documents that were refused. Not one of them was used.</summary>
    public long Refused { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        try
        {
            await LookAsync(cancellation);
        }
        catch (GatewayUnreachableException)
        {
            // The next look is soon enough.
        }
        return time.GetUtcNow() + mixnet.Random.Exponential(mixnet.Document.EpochLength / LooksPerEpoch);
    }

    async Task LookAsync(CancellationToken cancellation)
    {
        NetworkDocument current = mixnet.Document;
        NodeDescriptor own = current.Node(mixnet.Gateway)!;
        if (!Uri.TryCreate(own.Address, UriKind.Absolute, out _))
        {
            return;
        }
        byte[] signed = await fetch(new Uri(own.Address), cancellation);
        if (trust.Check(signed, time.GetUtcNow(), KnownDocument.Of(current), out NetworkDocument? next) != DocumentVerdict.Accepted)
        {
            Refused++;
            return;
        }
        if (next!.Version == current.Version)
        {
            return;
        }
        if (!await SecondAgreesAsync(next, new Uri(own.Address), fetch, cancellation))
        {
            Refused++;
            return;
        }
        if (!mixnet.TryAdopt(next))
        {
            Refused++;
        }
    }

    /// <summary>
    /// Whether a second gateway shows the same document. One that is down proves nothing; one that shows another does. One of them may have turned later:
    /// look again then.
    /// </summary>
    internal static async Task<bool> SecondAgreesAsync(
        NetworkDocument document, Uri first, Func<Uri, CancellationToken, Task<byte[]>> fetch, CancellationToken cancellation)
    {
        foreach (NodeDescriptor other in document.Gateways.Where(gateway => Uri.TryCreate(gateway.Address, UriKind.Absolute, out Uri? address) && address != first))
        {
            try
            {
                return NetworkTrust.CheckSecond(document, await fetch(new Uri(other.Address), cancellation)) == DocumentVerdict.Accepted;
            }
            catch (GatewayUnreachableException)
            {
                // The next one.
            }
        }
        return true;
    }
}
