using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Tests.Sphinx;

/// <summary>Nodes with keys, and paths over them.</summary>
sealed class SphinxRoute
{
    public const long Epoch = 3449;

    readonly List<HopKey> _keys = [];

    public SphinxRoute(SphinxGeometry geometry, int nodes)
    {
        Geometry = geometry;
        for (int i = 0; i < nodes; i++)
        {
            SecretBytes privateKey = new(geometry.Kem.PrivateKeySize);
            byte[] publicKey = new byte[geometry.Kem.PublicKeySize];
            geometry.Kem.GenerateKeyPair(privateKey.Span, publicKey);
            _keys.Add(new HopKey(new NodeId(RandomNumberGenerator.GetBytes(32)), Epoch, privateKey, publicKey));
        }
    }

    public SphinxGeometry Geometry { get; }

    public static RecipientId Service { get; } = new(Enumerable.Repeat((byte)7, 32).ToArray());

    public static RecipientId Mailbox { get; } = new(Enumerable.Repeat((byte)9, 32).ToArray());

    public HopKey this[int hop] => _keys[hop];

    public PathHop[] Path(int from, int count) =>
        [.. Enumerable.Range(from, count).Select(i => new PathHop(_keys[i].Node, _keys[i].PublicKey, Epoch, (uint)(100 + i)))];

    public byte[] Surb(int from, int count, out SurbSecret secret) =>
        global::Funion.Sphinx.Surb.Create(Geometry, Path(from, count), Mailbox, out secret);

    public byte[] Packet(int hops, ReadOnlySpan<byte> payload)
    {
        byte[] surb = Surb(0, Math.Min(4, Geometry.Hops), out SurbSecret secret);
        secret.Dispose();
        return SphinxPacket.Build(Geometry, Path(0, hops), Service, surb, payload);
    }

    public Unwrapped Unwrap(int hop, Span<byte> packet) => SphinxUnwrap.Unwrap(Geometry, Find(hop), packet);

    public Func<byte, HopKey?> Find(int hop) => epoch => epoch == (byte)(Epoch & 0xff) ? _keys[hop] : null;

    public byte[] RandomPayload() => RandomNumberGenerator.GetBytes(Geometry.UserPayload);
}
