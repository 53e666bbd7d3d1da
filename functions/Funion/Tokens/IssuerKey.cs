using Funion.Cryptography;

namespace Funion.Tokens;

/// <summary>
/// An issuer's key pair of one epoch. Its secret makes tokens; it does not link them, so a leak ends the epoch's fairness and nobody's anonymity.
/// </summary>
public sealed class IssuerKey : IDisposable
{
    readonly RsaPrivateKey _rsa;

    IssuerKey(long epoch, SecretBytes der, RsaPrivateKey rsa, TokenKey publicKey)
    {
        Epoch = epoch;
        Der = der;
        _rsa = rsa;
        PublicKey = publicKey;
    }

    /// <summary>Network epoch.</summary>
    public long Epoch { get; }

    /// <summary>RSAPrivateKey of RFC 8017, as it lies in the file.</summary>
    public SecretBytes Der { get; }

    /// <summary>What the document says of it.</summary>
    public TokenKey PublicKey { get; }

    /// <summary>Takes a key's DER, which the caller wipes; null for another kind of key, or another size.</summary>
    /// <exception cref="PlatformNotSupportedException">This machine has no libcrypto.</exception>
    public static IssuerKey? TryCreate(long epoch, ReadOnlySpan<byte> der)
    {
        if (RsaPrivateKey.TryImport(der) is not { } rsa)
        {
            return null;
        }
        if (TokenKey.OfModulus(rsa.Modulus) is { } publicKey)
        {
            return new IssuerKey(epoch, new SecretBytes(der), rsa, publicKey);
        }
        rsa.Dispose();
        return null;
    }

    /// <summary>Signs one request, RFC 9578 section 6.2; false when it is none for this key.</summary>
    public bool TryRespond(ReadOnlySpan<byte> request, Span<byte> response)
    {
        if (PendingToken.IsRequestFor(PublicKey, request))
        {
            return PublicKey.Rsa.TryBlindSign(_rsa, PendingToken.BlindedOf(request), response);
        }
        response.Clear();
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Der.Dispose();
        _rsa.Dispose();
    }
}
