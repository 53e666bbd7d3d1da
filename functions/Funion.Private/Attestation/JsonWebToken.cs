using System.Security.Cryptography;
using System.Text.Json;

namespace Funion.Private.Attestation;

/// <summary>
/// A signed token, in three parts. Nothing in it says how it is to be verified: one algorithm is taken, and only keys that are pinned; addresses of keys are not looked at.
/// <list type="bullet">
/// <item>References: RFC 7515, section 5.2; RFC 7519, section 7.2; RFC 8725.</item>
/// </list>
/// </summary>
static class JsonWebToken
{
    /// <summary>Longest token.</summary>
    public const int MaxSize = 1 << 17;

    /// <summary>The claims of a token that one of these keys signed.</summary>
    public static AttestationOutcome TryRead(ReadOnlySpan<byte> token, IReadOnlyDictionary<string, RSAParameters> keys, out JsonDocument? claims)
    {
        claims = null;
        int first = token.IndexOf((byte)'.'), second = token.LastIndexOf((byte)'.');
        if (token.Length > MaxSize || first < 0 || second == first
            || JsonRules.Base64Url(token[..first]) is not { } header || JsonRules.Base64Url(token[(first + 1)..second]) is not { } body
            || JsonRules.Base64Url(token[(second + 1)..]) is not { } signature)
        {
            return AttestationOutcome.Malformed;
        }
        try
        {
            using JsonDocument about = JsonDocument.Parse(header, JsonRules.Document);
            if (JsonRules.Text(about.RootElement, "alg") != "RS256" || about.RootElement.TryGetProperty("crit", out _) || JsonRules.Text(about.RootElement, "kid") is not { } id)
            {
                return AttestationOutcome.Malformed;
            }
            if (!keys.TryGetValue(id, out RSAParameters key))
            {
                return AttestationOutcome.UnknownKey;
            }
            using RSA rsa = RSA.Create(key);
            if (!rsa.VerifyData(token[..second], signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
            {
                return AttestationOutcome.WrongSignature;
            }
            claims = JsonDocument.Parse(body, JsonRules.Document);
            if (claims.RootElement.ValueKind == JsonValueKind.Object)
            {
                return AttestationOutcome.Ok;
            }
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or CryptographicException)
        {
            claims?.Dispose();
        }
        claims = null;
        return AttestationOutcome.Malformed;
    }
}
