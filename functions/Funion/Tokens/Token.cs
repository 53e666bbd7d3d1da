using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Funion.Tokens;

/// <summary>
/// A publicly verifiable token: says that the issuer granted somebody one use of something, and not to whom.
/// <code>
/// token type u16 = 0x0002 ‖ nonce 32 ‖ challenge digest 32 ‖ token key id 32 ‖ authenticator 256
/// </code>
/// The authenticator is RSASSA-PSS over all before it. It can be made anew over the same nonce by nobody but the issuer; what is spent is the nonce.
/// <list type="bullet">
/// <item>References: RFC 9577 section 2.2, RFC 9578 section 6.4.</item>
/// <item>Parameters: 354 bytes.</item>
/// </list>
/// </summary>
public sealed class Token
{
    /// <summary>Token type: Blind RSA (2048-bit).</summary>
    public const ushort Type = 0x0002;

    /// <summary>Length of a nonce in bytes.</summary>
    public const int NonceSize = 32;

    /// <summary>Length of what is signed in bytes.</summary>
    public const int InputSize = 2 + NonceSize + TokenChallenge.DigestSize + TokenKey.IdSize;

    /// <summary>Length of a token in bytes.</summary>
    public const int Size = InputSize + TokenKey.ModulusSize;

    readonly byte[] _bytes;

    Token(byte[] bytes) => _bytes = bytes;

    /// <summary>The client's random bytes, which the issuer never saw.</summary>
    public ReadOnlySpan<byte> Nonce => _bytes.AsSpan(2, NonceSize);

    /// <summary>SHA-256 of the challenge.</summary>
    public ReadOnlySpan<byte> ChallengeDigest => _bytes.AsSpan(2 + NonceSize, TokenChallenge.DigestSize);

    /// <summary>SHA-256 of the issuer's key.</summary>
    public ReadOnlySpan<byte> KeyId => _bytes.AsSpan(2 + NonceSize + TokenChallenge.DigestSize, TokenKey.IdSize);

    /// <summary>The signature.</summary>
    public ReadOnlySpan<byte> Authenticator => _bytes.AsSpan(InputSize);

    /// <summary>token_authenticator_input: what is signed.</summary>
    public ReadOnlySpan<byte> Input => _bytes.AsSpan(0, InputSize);

    /// <summary>A copy of its bytes.</summary>
    public byte[] ToBytes() => [.. _bytes];

    /// <summary>Reads exactly <see cref="Size"/> bytes; false for another length or type. Says nothing of the signature.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Token? token)
    {
        token = bytes.Length == Size && BinaryPrimitives.ReadUInt16BigEndian(bytes) == Type ? new Token(bytes.ToArray()) : null;
        return token is not null;
    }

    /// <summary>Whether the issuer with this key granted it for this challenge.</summary>
    public TokenVerdict Verify(TokenKey key, ReadOnlySpan<byte> challengeDigest)
    {
        ArgumentNullException.ThrowIfNull(key);
        return !CryptographicOperations.FixedTimeEquals(KeyId, key.Id) ? TokenVerdict.OtherKey
            : !CryptographicOperations.FixedTimeEquals(ChallengeDigest, challengeDigest) ? TokenVerdict.OtherChallenge
            : !key.Rsa.Verify(Input, Authenticator) ? TokenVerdict.InvalidSignature
            : TokenVerdict.Valid;
    }

    /// <summary>What is signed for a nonce.</summary>
    internal static byte[] InputOf(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> challengeDigest, ReadOnlySpan<byte> keyId)
    {
        byte[] input = new byte[InputSize];
        BinaryPrimitives.WriteUInt16BigEndian(input, Type);
        nonce.CopyTo(input.AsSpan(2));
        challengeDigest.CopyTo(input.AsSpan(2 + NonceSize));
        keyId.CopyTo(input.AsSpan(2 + NonceSize + TokenChallenge.DigestSize));
        return input;
    }
}
