using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Cryptography;

namespace Funion.Network;

/// <summary>
/// What a node publishes for the coming epochs: canonical JSON <c>{"descriptor":{…},"signature":hex}</c>, Ed25519 by the node's own
/// identity over <c>"funion-node-descriptor-v1" ‖ 0x00 ‖ canonical descriptor</c>. An authority collects these.
/// </summary>
public static class SignedDescriptor
{
    static ReadOnlySpan<byte> Label => "funion-node-descriptor-v1\0"u8;

    /// <summary>Signs a node's description of itself.</summary>
    public static byte[] Sign(NodeKeys keys, string address)
    {
        ArgumentNullException.ThrowIfNull(keys);
        JsonObject descriptor = DocumentJson.Write(keys.Describe(address));
        byte[] signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(keys.IdentitySeed.Span, keys.IdentityKey, [.. Label, .. CanonicalJson.Encode(descriptor)], signature);
        return CanonicalJson.Encode(new JsonObject { ["descriptor"] = descriptor, ["signature"] = DocumentJson.Hex(signature) });
    }

    /// <summary>Reads a descriptor that the node it names has signed; everything else is refused.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out NodeDescriptor? descriptor)
    {
        descriptor = null;
        if (!CanonicalJson.TryParse(bytes, out JsonElement json))
        {
            return false;
        }

        JsonFields fields = new(json);
        _ = fields.Object("descriptor");
        byte[] signature = fields.Bytes("signature", Ed25519.SignatureSize);
        if (!fields.Done || DocumentReader.ReadNode(json.GetProperty("descriptor")) is not { } read)
        {
            return false;
        }

        Span<byte> id = stackalloc byte[NodeId.Size];
        Blake2b.Hash256(read.IdentityKey, id);
        byte[] message = [.. Label, .. CanonicalJson.Encode(DocumentJson.Write(read))];
        if (!read.Id.AsSpan().SequenceEqual(id) || !Ed25519.Verify(read.IdentityKey, message, signature))
        {
            return false;
        }

        descriptor = read;
        return true;
    }
}
