using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Cryptography;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.Cli.Commands;

/// <summary>Times the unwrapping of one layer, and the floor under it, alternating in one run; the best of several rounds of each.</summary>
static class SphinxBench
{
    const int Rounds = 15, Packets = 200;

    public static IEnumerable<JsonObject> Run() => ((int[])[2_000, 8_000, 30_000]).Select(Measure);

    static JsonObject Measure(int payload)
    {
        SphinxGeometry geometry = new(payload);
        using SecretBytes privateKey = new(X25519.Size);
        byte[] publicKey = new byte[X25519.Size], shared = new byte[X25519.Size], data = new byte[payload];
        X25519.GenerateKeyPair(privateKey.Span, publicKey);
        HopKey key = new(new NodeId(RandomNumberGenerator.GetBytes(NodeId.Size)), 1, privateKey, publicKey);
        PathHop[] path = [.. Enumerable.Repeat(new PathHop(key.Node, publicKey, 1, 0), geometry.Hops)];
        byte[] surb = Surb.Create(geometry, path[1..], new RecipientId(new byte[RecipientId.Size]), out SurbSecret secret);
        secret.Dispose();
        byte[] packet = SphinxPacket.Build(geometry, path, new RecipientId(new byte[RecipientId.Size]), surb, data), copy = new byte[packet.Length];
        Func<byte, HopKey?> find = _ => key;
        double unwrap = double.MaxValue, floor = double.MaxValue;
        long allocated = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            unwrap = Math.Min(unwrap, Time(() =>
            {
                packet.CopyTo(copy, 0);
                SphinxUnwrap.Unwrap(geometry, find, copy);
            }));
            allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / Packets;
            floor = Math.Min(floor, Time(() =>
            {
                X25519.Agree(privateKey.Span, publicKey, shared);
                Aes256Ctr.Xor(shared, shared.AsSpan(0, 16), data);
            }));
        }
        return new JsonObject
        {
            ["payload"] = payload, ["unwrap_us"] = Math.Round(unwrap, 1), ["floor_us"] = Math.Round(floor, 1), ["ratio"] = Math.Round(unwrap / floor, 2),
            ["allocated_bytes"] = allocated,
        };
    }

    static double Time(Action act)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Packets; i++)
        {
            act();
        }
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Packets;
    }
}
