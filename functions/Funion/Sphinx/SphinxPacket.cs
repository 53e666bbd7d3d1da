using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Sphinx;

/// <summary>Builds forward packets. Every one carries exactly one SURB, decoys too, or the ones that do not would be known.</summary>
public static class SphinxPacket
{
    internal const byte CarriesSurb = 1;

    /// <summary>
    /// A packet for <paramref name="path"/>. The SURB is one that <see cref="Surb.Create"/> made, the payload exactly
    /// <see cref="SphinxGeometry.UserPayload"/> bytes. The first hop is not in the packet: send it to <c>path[0]</c>.
    /// </summary>
    public static byte[] Build(
        SphinxGeometry geometry, IReadOnlyList<PathHop> path, RecipientId recipient, ReadOnlySpan<byte> surb, ReadOnlySpan<byte> userPayload)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfNotEqual(surb.Length, geometry.SurbSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(userPayload.Length, geometry.UserPayload);
        byte[] packet = new byte[geometry.PacketSize];
        Span<byte> secrets = stackalloc byte[SphinxHeader.PayloadSecretSize * path.Count];
        SphinxHeader.Build(geometry, path, recipient, surbId: null, packet.AsSpan(0, geometry.HeaderSize), secrets);
        Span<byte> payload = packet.AsSpan(geometry.HeaderSize);
        payload[SphinxGeometry.PayloadTagSize] = CarriesSurb;
        surb.CopyTo(payload[SphinxGeometry.SurbOffset..]);
        userPayload.CopyTo(payload[(SphinxGeometry.SurbOffset + geometry.SurbSize)..]);
        for (int i = path.Count - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> secret = secrets.Slice(i * SphinxHeader.PayloadSecretSize, SphinxHeader.PayloadSecretSize);
            Hctr2.Encrypt(secret[..SphinxGeometry.PayloadKeySize], secret[SphinxGeometry.PayloadKeySize..], payload);
        }
        CryptographicOperations.ZeroMemory(secrets);
        return packet;
    }
}
