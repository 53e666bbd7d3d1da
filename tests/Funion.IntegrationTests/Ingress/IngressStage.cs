using System.Security.Cryptography;
using Funion.Hosting.Hops;
using Funion.Mixing;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.IntegrationTests.Ingress;

/// <summary>What the ingress suite runs against: a gateway, and where the host is in the test's hands, nodes that are something else or not well.</summary>
abstract class IngressStage
{
    /// <summary>A gateway that is well.</summary>
    public abstract Uri Gateway { get; }

    /// <summary>A courier; null where there is none with routes.</summary>
    public virtual Uri? Courier => null;

    /// <summary>A gateway without a network document.</summary>
    public virtual Uri? Unready => null;

    /// <summary>A gateway with a bug in its ports.</summary>
    public virtual Uri? Buggy => null;

    /// <summary>Whether the gateway takes hops.</summary>
    public virtual bool TakesHops => false;

    /// <summary>Whether a body can be cut off and its sender still be there.</summary>
    public virtual bool CutsOff => false;

    public abstract NetworkDocument Document { get; }

    public abstract TrustedAuthorities Trusted { get; }

    public SphinxGeometry Geometry => new(Document.Geometry.UserPayload, Document.Geometry.Hops);

    /// <summary>The one size of a route's body; of a hop that of a packet's.</summary>
    public int SizeOf(string route) => route switch
    {
        "/v1/packets" => Geometry.PacketSize,
        "/v1/mailbox" => MailboxRequest.Size(Document.Mailbox.PacketsPerPoll),
        "/v1/hop" => Geometry.PacketSize + HopRequest.Overhead,
        _ => throw new ArgumentException("It takes no body.", nameof(route)),
    };

    /// <summary>A body that the route takes.</summary>
    public byte[] Body(string route) => route switch
    {
        "/v1/packets" => RandomNumberGenerator.GetBytes(Geometry.PacketSize),
        "/v1/mailbox" => new MailboxRequest(
            RandomNumberGenerator.GetBytes(MailboxRequest.SecretSize), 0, new byte[Document.Mailbox.PacketsPerPoll * SurbId.Size]).ToBytes(),
        "/v1/hop" => Hop(TimeSpan.Zero),
        _ => throw new ArgumentException("It takes no body.", nameof(route)),
    };

    /// <summary>A packet of a mix of the last layer to the gateway, or to another node; signed so long ago.</summary>
    public virtual byte[] Hop(TimeSpan ago, bool misdirected = false) => throw new NotSupportedException("This gateway takes no hops.");

    /// <summary>A request whose body ends early.</summary>
    public virtual Task<RawAnswer?> CutOffAsync(string route) => throw new NotSupportedException("This gateway is behind no front end.");
}
