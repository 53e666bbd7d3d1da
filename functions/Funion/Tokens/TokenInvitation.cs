using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Funion.Cryptography;

namespace Funion.Tokens;

/// <summary>
/// What an operator hands a client, by which the issuer knows it: 32 random bytes, "funion-invite-" ‖ base64url. The issuer keeps the hash only, so that its list
/// lets nobody in.
/// </summary>
public sealed class TokenInvitation
{
    const int Size = 32;

    const string Prefix = "funion-invite-";

    readonly byte[] _secret;

    TokenInvitation(byte[] secret) => _secret = secret;

    /// <summary>A new one.</summary>
    public static TokenInvitation Create() => new(RandomNumberGenerator.GetBytes(Size));

    /// <summary>Reads one; false for anything else.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out TokenInvitation? invitation)
    {
        invitation = null;
        if (text?.Length != Prefix.Length + Base64Url.GetEncodedLength(Size) || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }
        byte[] secret = new byte[Size];
        ReadOnlySpan<char> encoded = text.AsSpan(Prefix.Length);
        // One invitation has one text: bits that the last character has beyond the bytes are zeros.
        if (!Base64Url.IsValid(encoded, out int length) || length != Size || !Base64Url.TryDecodeFromChars(encoded, secret, out _)
            || !Base64Url.EncodeToString(secret).AsSpan().SequenceEqual(encoded))
        {
            return false;
        }
        invitation = new TokenInvitation(secret);
        return true;
    }

    /// <summary>What the issuer's list holds, in hex; it names the client to the budget.</summary>
    public string Hash()
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Blake2b.Hash256("funion-token-invitation-v1"u8, _secret, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>The text that is handed over: a secret.</summary>
    public override string ToString() => Prefix + Base64Url.EncodeToString(_secret);
}
