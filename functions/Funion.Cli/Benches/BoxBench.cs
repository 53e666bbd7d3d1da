using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Bacap;
using Funion.Cryptography;
using Funion.Pigeonhole;

namespace Funion.Cli.Benches;

/// <summary>Times what a box costs its writer, its reader and a replica, beside the one scalar multiplication that an id cannot do without.</summary>
static class BoxBench
{
    const int Boxes = 100, UserPayload = 30_000;

    public static JsonObject Run()
    {
        WriteCapability write = WriteCapability.Create();
        ReadCapability read = write.ToReadCapability();
        MessageBoxIndex index = read.First;
        byte[] plaintext = new byte[new PigeonholeGeometry(UserPayload).BoxCiphertextSize - Box.Overhead], opened = new byte[plaintext.Length];
        Box box = write.Seal(index, BacapContext.Pigeonhole, plaintext);
        Box least = write.Seal(index, BacapContext.Pigeonhole, []);
        byte[] scalar = RandomNumberGenerator.GetBytes(32), blinded = new byte[32];
        // Below the group's order, as every scalar is.
        scalar[31] &= 0x0f;
        double[] best = Timing.Alternate(
            Boxes,
            () => BlindedEd25519.Multiply(read.RootPublicKey, scalar, blinded),
            () => read.BoxIdAt(index, BacapContext.Pigeonhole),
            () => index.TryNext(out _),
            () => write.Seal(index, BacapContext.Pigeonhole, plaintext),
            () => Box.Verify(box.Id, box.Ciphertext.Span, box.Signature.Span),
            () => read.Open(index, BacapContext.Pigeonhole, box, opened),
            () => Box.Verify(least.Id, least.Ciphertext.Span, least.Signature.Span));
        return new JsonObject
        {
            ["scalarmult_us"] = Math.Round(best[0], 1), ["box_id_us"] = Math.Round(best[1], 1), ["ratio"] = Math.Round(best[1] / best[0], 2),
            ["next_index_us"] = Math.Round(best[2], 2), ["seal_us"] = Math.Round(best[3], 1), ["verify_us"] = Math.Round(best[4], 1),
            ["open_us"] = Math.Round(best[5], 1), ["verify_empty_us"] = Math.Round(best[6], 1), ["plaintext"] = plaintext.Length,
        };
    }
}
