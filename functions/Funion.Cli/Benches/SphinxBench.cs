using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Cryptography;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Cli.Benches;

/// <summary>Times the unwrapping of one layer, the floor under it, building for five hops without and with a SURB, and the payload's cipher beside its stream cipher.</summary>
static class SphinxBench
{
    const int Packets = 100;

    public static IEnumerable<JsonObject> Run() => ((int[])[2_000, 8_000, 30_000]).Select(Measure);

    static JsonObject Measure(int payload)
    {
        SphinxGeometry geometry = new(payload);
        using SecretBytes privateKey = new(X25519.Size);
        byte[] publicKey = new byte[X25519.Size], shared = new byte[X25519.Size], data = new byte[payload], wide = new byte[payload];
        X25519.GenerateKeyPair(privateKey.Span, publicKey);
        HopKey key = new(new NodeId(RandomNumberGenerator.GetBytes(NodeId.Size)), 1, privateKey, publicKey);
        PathHop[] path = [.. Enumerable.Repeat(new PathHop(key.Node, publicKey, 1, 0), geometry.Hops)];
        RecipientId recipient = new(new byte[RecipientId.Size]);
        byte[] surb = Surb.Create(geometry, path[1..], recipient, out SurbSecret unused);
        unused.Dispose();
        byte[] packet = SphinxPacket.Build(geometry, path, recipient, surb, data), copy = new byte[packet.Length], tweak = new byte[32];
        Func<byte, HopKey?> find = _ => key;
        Action unwrap = () =>
        {
            packet.CopyTo(copy, 0);
            SphinxUnwrap.Unwrap(geometry, find, copy);
        };
        double[] best = Timing.Alternate(
            Packets,
            unwrap,
            () =>
            {
                X25519.Agree(privateKey.Span, publicKey, shared);
                Aes256Ctr.Xor(shared, shared.AsSpan(0, 16), data);
            },
            () => SphinxPacket.Build(geometry, path, recipient, surb, data),
            () =>
            {
                byte[] fresh = Surb.Create(geometry, path[1..], recipient, out SurbSecret secret);
                secret.Dispose();
                SphinxPacket.Build(geometry, path, recipient, fresh, data);
            },
            () => Hctr2.Encrypt(shared, tweak, wide),
            () => Aes256Ctr.Xor(shared, tweak.AsSpan(0, 16), wide));
        return new JsonObject
        {
            ["payload"] = payload, ["unwrap_us"] = Math.Round(best[0], 1), ["floor_us"] = Math.Round(best[1], 1), ["ratio"] = Math.Round(best[0] / best[1], 2),
            ["allocated_bytes"] = Timing.Allocated(unwrap, Packets), ["build_us"] = Math.Round(best[2], 1), ["build_ratio"] = Math.Round(best[2] / best[0], 1),
            ["build_surb_us"] = Math.Round(best[3], 1), ["build_surb_ratio"] = Math.Round(best[3] / best[0], 1), ["hctr2_us"] = Math.Round(best[4], 2),
            ["ctr_us"] = Math.Round(best[5], 2), ["hctr2_ratio"] = Math.Round(best[4] / best[5], 2),
        };
    }
}
