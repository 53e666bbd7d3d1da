using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Tokens;

/// <summary>
/// A token between request and response, at the client. The issuer gets
/// <code>
/// TokenRequest    token type u16 = 0x0002 ‖ truncated token key id u8 ‖ blinded message 256
/// TokenResponse   blind signature 256
/// </code>
/// and both are independent of the token: for every request and every token under the key there is exactly one blind that leads from one to the other.
/// <list type="bullet">
/// <item>References: RFC 9578 sections 6.1 to 6.3.</item>
/// <item>Parameters: request 259 bytes, response 256.</item>
/// </list>
/// </summary>
public sealed class PendingToken : IDisposable
{
    /// <summary>Length of a request in bytes.</summary>
    public const int RequestSize = 2 + 1 + TokenKey.ModulusSize;

    /// <summary>Length of a response in bytes.</summary>
    public const int ResponseSize = TokenKey.ModulusSize;

    readonly TokenKey _key;
    readonly byte[] _input;
    readonly SecretBytes _inverse = new(TokenKey.ModulusSize);

    PendingToken(TokenKey key, byte[] input)
    {
        _key = key;
        _input = input;
        BinaryPrimitives.WriteUInt16BigEndian(Request, Token.Type);
        Request[2] = key.TruncatedId;
    }

    /// <summary>What the issuer is sent.</summary>
    public byte[] Request { get; } = new byte[RequestSize];

    /// <summary>Whether bytes are a request for a token under a key: size, type, truncated id, a number below the modulus.</summary>
    public static bool IsRequestFor(TokenKey key, ReadOnlySpan<byte> request)
    {
        ArgumentNullException.ThrowIfNull(key);
        return request.Length == RequestSize && BinaryPrimitives.ReadUInt16BigEndian(request) == Token.Type && request[2] == key.TruncatedId
            && key.Rsa.IsBelowModulus(BlindedOf(request));
    }

    /// <summary>What a request asks to have signed.</summary>
    internal static ReadOnlySpan<byte> BlindedOf(ReadOnlySpan<byte> request) => request[3..];

    /// <summary>Draws a nonce and blinds; null when the issuer's key is not sound.</summary>
    public static PendingToken? TryCreate(TokenKey key, ReadOnlySpan<byte> challengeDigest)
    {
        ArgumentNullException.ThrowIfNull(key);
        PendingToken pending = new(key, Token.InputOf(RandomNumberGenerator.GetBytes(Token.NonceSize), challengeDigest, key.Id));
        return pending.Or(key.Rsa.Blind(pending._input, pending.Blinded, pending._inverse.Span));
    }

    /// <summary>With given draws, for vectors.</summary>
    internal static PendingToken? TryCreate(
        TokenKey key, ReadOnlySpan<byte> challengeDigest, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> blind)
    {
        PendingToken pending = new(key, Token.InputOf(nonce, challengeDigest, key.Id));
        return pending.Or(key.Rsa.Blind(pending._input, salt, blind, pending.Blinded, pending._inverse.Span));
    }

    /// <summary>Length of a token under way at rest: what is signed ‖ inverse of the blind ‖ blinded message.</summary>
    internal const int RestSize = Token.InputSize + (2 * TokenKey.ModulusSize);

    /// <summary>A token under way as it was written; null when it is for another key.</summary>
    internal static PendingToken? TryParse(TokenKey key, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != RestSize)
        {
            return null;
        }
        PendingToken pending = new(key, bytes[..Token.InputSize].ToArray());
        bytes.Slice(Token.InputSize, TokenKey.ModulusSize).CopyTo(pending._inverse.Span);
        bytes[^TokenKey.ModulusSize..].CopyTo(pending.Blinded);
        ReadOnlySpan<byte> head = bytes[..Token.InputSize];
        return pending.Or(
            head[^TokenKey.IdSize..].SequenceEqual(key.Id) && BinaryPrimitives.ReadUInt16BigEndian(head) == Token.Type && IsRequestFor(key, pending.Request)
                ? BlindOutcome.Blinded
                : BlindOutcome.InvalidInput);
    }

    /// <summary>Writes all that <see cref="TryParse"/> takes: who has it links request and token.</summary>
    internal void WriteTo(Span<byte> bytes)
    {
        _input.CopyTo(bytes);
        _inverse.Span.CopyTo(bytes[Token.InputSize..]);
        Blinded.CopyTo(bytes[^TokenKey.ModulusSize..]);
    }

    /// <summary>Unblinds a response; false when it is no signature on what was asked.</summary>
    public bool TryFinish(ReadOnlySpan<byte> response, [NotNullWhen(true)] out Token? token)
    {
        byte[] bytes = new byte[Token.Size];
        _input.CopyTo(bytes, 0);
        token = null;
        return _key.Rsa.TryFinalize(_input, response, _inverse.Span, bytes.AsSpan(Token.InputSize)) && Token.TryParse(bytes, out token);
    }

    /// <summary>Wipes what links request and token.</summary>
    public void Dispose()
    {
        _inverse.Dispose();
        CryptographicOperations.ZeroMemory(_input);
    }

    Span<byte> Blinded => Request.AsSpan(3);

    PendingToken? Or(BlindOutcome outcome)
    {
        if (outcome == BlindOutcome.Blinded)
        {
            return this;
        }
        Dispose();
        return null;
    }
}
