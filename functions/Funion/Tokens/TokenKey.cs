using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Funion.Tokens;

/// <summary>
/// An issuer's public key of one epoch. Its one encoding is a SubjectPublicKeyInfo with id-RSASSA-PSS, SHA-384, MGF1 with SHA-384, salt 48: all bytes of
/// it but the modulus are fixed, so it is compared and not parsed, and there is no second encoding of a key by which an issuer could mark people.
/// <code>
/// SPKI prefix 81 ‖ n 256 ‖ 02 03 01 00 01
/// </code>
/// <list type="bullet">
/// <item>References: RFC 9578 section 6.5 (token key, token key id).</item>
/// <item>Parameters: modulus 2048 bits, e = 65537, key 342 bytes, id 32 bytes.</item>
/// </list>
/// </summary>
public sealed class TokenKey
{
    /// <summary>Length of an encoded key in bytes.</summary>
    public const int Size = 342;

    /// <summary>Length of the modulus, and of everything that is signed with it, in bytes: Nk.</summary>
    public const int ModulusSize = 256;

    /// <summary>Length of a key's id in bytes: Nid.</summary>
    public const int IdSize = 32;

    TokenKey(byte[] encoded, BlindRsa rsa)
    {
        Encoded = encoded;
        Rsa = rsa;
        Id = SHA256.HashData(encoded);
    }

    /// <summary>The SubjectPublicKeyInfo.</summary>
    public byte[] Encoded { get; }

    /// <summary>token_key_id: SHA-256 of <see cref="Encoded"/>.</summary>
    public byte[] Id { get; }

    /// <summary>truncated_token_key_id: its last byte.</summary>
    public byte TruncatedId => Id[^1];

    /// <summary>RSABSSA-SHA384-PSS-Deterministic under this key.</summary>
    public BlindRsa Rsa { get; }

    static ReadOnlySpan<byte> Prefix =>
    [
        0x30, 0x82, 0x01, 0x52, 0x30, 0x3d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, // SEQUENCE, SEQUENCE, id-RSASSA-PSS
        0x30, 0x30, 0xa0, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, // [0] SHA-384
        0xa1, 0x1a, 0x30, 0x18, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, // [1] MGF1
        0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, // with SHA-384
        0xa2, 0x03, 0x02, 0x01, 0x30, // [2] salt 48
        0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00, // BIT STRING, SEQUENCE, INTEGER
    ];

    static ReadOnlySpan<byte> Exponent => [0x02, 0x03, 0x01, 0x00, 0x01];

    /// <summary>Takes an encoded key; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out TokenKey? key)
    {
        key = encoded.Length == Size && encoded.StartsWith(Prefix) && encoded.EndsWith(Exponent)
            && BlindRsa.TryCreate(encoded.Slice(Prefix.Length, ModulusSize)) is { } rsa
            ? new TokenKey(encoded.ToArray(), rsa)
            : null;
        return key is not null;
    }

    /// <summary>The key with this modulus; null when it cannot be sound.</summary>
    public static TokenKey? OfModulus(ReadOnlySpan<byte> modulus) =>
        modulus.Length == ModulusSize && TryParse([.. Prefix, .. modulus, .. Exponent], out TokenKey? key) ? key : null;
}
