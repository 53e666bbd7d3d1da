using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Network;

namespace Funion.Sphinx;

/// <summary>
/// Builds headers: KEM ciphertexts nested in the routing information.
/// <code>
/// β_last = (commands ‖ random) ⊕ stream_last ‖ filler        β_i = (commands_i(next, MAC_i+1) ‖ ct_i+1 ‖ β_i+1 cut) ⊕ stream_i
/// MAC_i  = BLAKE2b-256(MAC key_i, version ‖ epoch ‖ ct_i ‖ β_i)
/// </code>
/// A hop shifts its own part out at the front and a keystream of zeros in at the back; the filler is what those tails will be, so that every MAC
/// holds. What the last hop finds behind its commands is the author's randomness: zeros there would show how long the path was.
/// References: Danezis and Goldberg, "Sphinx" (2009), section 3; Echomix (arXiv 2501.02933), KEM-Sphinx.
/// </summary>
static class SphinxHeader
{
    public const byte Version = 1;

    /// <summary>Bytes kept per hop to encrypt or decrypt payloads: key and tweak.</summary>
    public const int PayloadSecretSize = SphinxGeometry.PayloadKeySize + SphinxGeometry.PayloadTweakSize;

    /// <summary>Writes a header; <paramref name="payloadSecrets"/> gets a key and a tweak per hop.</summary>
    public static void Build(
        SphinxGeometry geometry, IReadOnlyList<PathHop> path, RecipientId recipient, SurbId? surbId, Span<byte> header, Span<byte> payloadSecrets)
    {
        if (path.Count == 0 || path.Count > geometry.Hops || path.Any(hop => hop.Epoch != path[0].Epoch))
        {
            throw new ArgumentException("A path has one hop to the geometry's hops, all of one epoch.", nameof(path));
        }
        int perHop = geometry.PerHop, routing = geometry.RoutingSize, ctSize = geometry.Kem.CiphertextSize;
        Span<byte> secrets = stackalloc byte[Kem.SharedSecretSize * path.Count];
        byte[] ciphertexts = new byte[ctSize * path.Count];
        byte[] filler = new byte[routing];
        byte[] stream = new byte[routing + perHop];
        try
        {
            int fillerSize = 0;
            for (int i = 0; i < path.Count; i++)
            {
                Span<byte> secret = secrets.Slice(i * Kem.SharedSecretSize, Kem.SharedSecretSize);
                Encapsulate(geometry, path[i], ciphertexts.AsSpan(i * ctSize, ctSize), secret);
                HopSecrets keys = new(secret);
                keys.PayloadKey.CopyTo(payloadSecrets[(i * PayloadSecretSize)..]);
                keys.PayloadTweak.CopyTo(payloadSecrets[((i * PayloadSecretSize) + SphinxGeometry.PayloadKeySize)..]);
                if (i < path.Count - 1)
                {
                    Stream(keys, stream);
                    fillerSize += perHop;
                    filler.AsSpan(fillerSize - perHop, perHop).Clear();
                    Xor(filler.AsSpan(0, fillerSize), stream.AsSpan(routing + perHop - fillerSize));
                }
                keys.Clear();
            }
            Nest(geometry, path, recipient, surbId, secrets, ciphertexts, filler.AsSpan(0, fillerSize), stream, header);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secrets);
            CryptographicOperations.ZeroMemory(stream);
        }
    }

    static void Nest(
        SphinxGeometry geometry, IReadOnlyList<PathHop> path, RecipientId recipient, SurbId? surbId, ReadOnlySpan<byte> secrets,
        byte[] ciphertexts, ReadOnlySpan<byte> filler, byte[] stream, Span<byte> header)
    {
        int perHop = geometry.PerHop, ctSize = geometry.Kem.CiphertextSize;
        header[0] = Version;
        header[1] = (byte)(path[0].Epoch & 0xff);
        Span<byte> routing = header.Slice(geometry.RoutingOffset, geometry.RoutingSize);
        Span<byte> mac = header[geometry.MacOffset..];
        for (int i = path.Count - 1; i >= 0; i--)
        {
            HopCommands commands = new() { DelayMilliseconds = path[i].DelayMilliseconds };
            if (i == path.Count - 1)
            {
                RandomNumberGenerator.Fill(routing);
                commands.Recipient = recipient;
                commands.SurbId = surbId;
                commands.CopyTo(routing[..SphinxGeometry.CommandsSize]);
            }
            else
            {
                routing[..^perHop].CopyTo(routing[perHop..]);
                ciphertexts.AsSpan((i + 1) * ctSize, ctSize).CopyTo(routing[SphinxGeometry.CommandsSize..]);
                commands.NextHop = path[i + 1].Node;
                commands.NextMac = mac;
                commands.CopyTo(routing[..SphinxGeometry.CommandsSize]);
            }
            HopSecrets keys = new(secrets.Slice(i * Kem.SharedSecretSize, Kem.SharedSecretSize));
            Stream(keys, stream);
            Xor(routing, stream.AsSpan(0, routing.Length));
            if (i == path.Count - 1)
            {
                filler.CopyTo(routing[^filler.Length..]);
            }
            ciphertexts.AsSpan(i * ctSize, ctSize).CopyTo(header[SphinxGeometry.PrefixSize..]);
            Blake2b.Mac256(keys.MacKey, header[..geometry.MacOffset], mac);
            keys.Clear();
        }
    }

    static void Encapsulate(SphinxGeometry geometry, PathHop hop, Span<byte> ciphertext, Span<byte> secret)
    {
        Span<byte> context = stackalloc byte[HopSecrets.ContextSize];
        HopSecrets.WriteContext(context, hop.Node, hop.Epoch);
        if (!geometry.Kem.Encapsulate(hop.PublicKey.Span, context, ciphertext, secret))
        {
            throw new ArgumentException("A hop's public key is not usable.", nameof(hop));
        }
    }

    static void Stream(in HopSecrets keys, Span<byte> stream)
    {
        stream.Clear();
        Aes256Ctr.Xor(keys.StreamKey, keys.StreamIv, stream);
    }

    static void Xor(Span<byte> data, ReadOnlySpan<byte> key)
    {
        for (int i = 0; i < data.Length; i++)
        {
            data[i] ^= key[i];
        }
    }
}
