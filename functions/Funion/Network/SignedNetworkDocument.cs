using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Cryptography;

namespace Funion.Network;

/// <summary>
/// A document and what authorities signed of it. On the wire and on disk: canonical JSON
/// <c>{"document":{…},"signatures":[{"key":hex,"signature":hex},…]}</c>, at most 1 MiB. Each signature is Ed25519 over
/// <c>"funion-network-document-v1" ‖ 0x00 ‖ canonical document</c>; the zero ends the label.
/// </summary>
public sealed class SignedNetworkDocument(NetworkDocument document, IReadOnlyList<DocumentSignature> signatures)
{
    const int MostSignatures = 100;

    static ReadOnlySpan<byte> Label => "funion-network-document-v1\0"u8;

    /// <summary>What is signed.</summary>
    public NetworkDocument Document { get; } = document ?? throw new ArgumentNullException(nameof(document));

    /// <summary>As they came: unverified, perhaps twice from one key.</summary>
    public IReadOnlyList<DocumentSignature> Signatures { get; } = signatures ?? throw new ArgumentNullException(nameof(signatures));

    /// <summary>The same document with one more signature; an earlier one of the same key is replaced.</summary>
    public SignedNetworkDocument AddSignature(AuthorityKeys authority)
    {
        ArgumentNullException.ThrowIfNull(authority);
        byte[] signature = authority.Sign(Message());
        IEnumerable<DocumentSignature> others = Signatures.Where(other => !other.Key.AsSpan().SequenceEqual(authority.PublicKey));
        return new SignedNetworkDocument(Document, [.. others, new DocumentSignature(authority.PublicKey, signature)]);
    }

    /// <summary>Counts the different pinned keys with a valid signature; false if a pinned key's signature does not verify.</summary>
    public bool TryCountSigners(TrustedAuthorities trusted, out int signers)
    {
        ArgumentNullException.ThrowIfNull(trusted);
        byte[] message = Message();
        HashSet<string> counted = [];
        foreach (DocumentSignature signature in Signatures.Where(signature => trusted.Names(signature.Key)))
        {
            if (!Ed25519.Verify(signature.Key, message, signature.Signature))
            {
                signers = 0;
                return false;
            }

            counted.Add(Convert.ToHexStringLower(signature.Key));
        }

        signers = counted.Count;
        return true;
    }

    /// <summary>Canonical bytes.</summary>
    public byte[] ToBytes() => CanonicalJson.Encode(new JsonObject
    {
        ["document"] = DocumentJson.Write(Document),
        ["signatures"] = new JsonArray([.. Signatures.Select(signature => new JsonObject
        {
            ["key"] = DocumentJson.Hex(signature.Key),
            ["signature"] = DocumentJson.Hex(signature.Signature),
        })]),
    });

    /// <summary>Reads canonical bytes; verifies nothing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SignedNetworkDocument? signed)
    {
        signed = null;
        if (!CanonicalJson.TryParse(bytes, out JsonElement json))
        {
            return false;
        }

        JsonFields fields = new(json);
        NetworkDocument? document = fields.Has("document") ? DocumentReader.Read(json.GetProperty("document")) : null;
        _ = fields.Object("document");
        List<DocumentSignature> signatures = fields.List("signatures", MostSignatures, ReadSignature);
        if (!fields.Done || document is null)
        {
            return false;
        }

        signed = new SignedNetworkDocument(document, signatures);
        // Nodes in another order would be another text of the same document.
        return bytes.SequenceEqual(signed.ToBytes());
    }

    static DocumentSignature? ReadSignature(JsonElement json)
    {
        JsonFields fields = new(json);
        DocumentSignature signature = new(
            fields.Bytes("key", Ed25519.PublicKeySize), fields.Bytes("signature", Ed25519.SignatureSize));
        return fields.Done ? signature : null;
    }

    byte[] Message() => [.. Label, .. Document.ToBytes()];
}
