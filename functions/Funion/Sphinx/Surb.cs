using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Network;

namespace Funion.Sphinx;

/// <summary>
/// A single-use reply block: a header that somebody else may put before a payload, so that it comes back without them knowing where to.
/// <code>
/// header ‖ first hop 32 ‖ payload key 32 ‖ payload tweak 32
/// reply payload = HCTR2(payload key, zeros 32 ‖ reply)
/// </code>
/// </summary>
public static class Surb
{
    /// <summary>
    /// A reply block along <paramref name="path"/> into a mailbox at the path's last hop; the secret opens the one reply. A path shorter than the
    /// geometry's hops leaves random padding, so its length does not show.
    /// </summary>
    public static byte[] Create(SphinxGeometry geometry, IReadOnlyList<PathHop> path, RecipientId mailbox, out SurbSecret secret)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(path);
        Span<byte> idBytes = stackalloc byte[SurbId.Size];
        RandomNumberGenerator.Fill(idBytes);
        SurbId id = new(idBytes);
        byte[] surb = new byte[geometry.SurbSize];
        byte[] secrets = SurbSecret.Allocate(path.Count);
        try
        {
            SphinxHeader.Build(geometry, path, mailbox, id, surb.AsSpan(0, geometry.HeaderSize), secrets.AsSpan(SphinxHeader.PayloadSecretSize));
        }
        catch
        {
            CryptographicOperations.ZeroMemory(secrets);
            throw;
        }
        path[0].Node.AsSpan().CopyTo(surb.AsSpan(geometry.HeaderSize));
        Span<byte> own = surb.AsSpan(geometry.HeaderSize + NodeId.Size);
        RandomNumberGenerator.Fill(own);
        own.CopyTo(secrets);
        secret = new SurbSecret(geometry, id, secrets);
        return surb;
    }

    /// <summary>
    /// Puts a reply of exactly <see cref="SphinxGeometry.ReplyPayloadSize"/> bytes behind a SURB; false when the block has another size.
    /// A block that somebody made up gives a packet that its first hop refuses.
    /// </summary>
    public static bool TryBuildReply(
        SphinxGeometry geometry, ReadOnlySpan<byte> surb, ReadOnlySpan<byte> reply, out NodeId firstHop, out byte[] packet)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentOutOfRangeException.ThrowIfNotEqual(reply.Length, geometry.ReplyPayloadSize);
        firstHop = default;
        packet = [];
        if (surb.Length != geometry.SurbSize)
        {
            return false;
        }
        packet = new byte[geometry.PacketSize];
        surb[..geometry.HeaderSize].CopyTo(packet);
        Span<byte> payload = packet.AsSpan(geometry.HeaderSize);
        reply.CopyTo(payload[SphinxGeometry.PayloadTagSize..]);
        ReadOnlySpan<byte> own = surb[(geometry.HeaderSize + NodeId.Size)..];
        Hctr2.Encrypt(own[..SphinxGeometry.PayloadKeySize], own[SphinxGeometry.PayloadKeySize..], payload);
        firstHop = new NodeId(surb.Slice(geometry.HeaderSize, NodeId.Size));
        return true;
    }
}
