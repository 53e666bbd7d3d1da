using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Network;

/// <summary>
/// One authority's signing key. The file: <c>"funion-authority-keys-v1\n" ‖ Ed25519 seed 32 ‖ BLAKE2b-256 of these</c>, mode 0600.
/// </summary>
public sealed class AuthorityKeys : IDisposable
{
    readonly SecretBytes _seed;

    AuthorityKeys(SecretBytes seed)
    {
        _seed = seed;
        PublicKey = new byte[Ed25519.PublicKeySize];
        Ed25519.PublicKey(seed.Span, PublicKey);
    }

    static ReadOnlySpan<byte> Magic => "funion-authority-keys-v1\n"u8;

    /// <summary>What others pin.</summary>
    public byte[] PublicKey { get; }

    /// <summary>A fresh key.</summary>
    public static AuthorityKeys Generate()
    {
        SecretBytes seed = new(Ed25519.SeedSize);
        RandomNumberGenerator.Fill(seed.Span);
        return new AuthorityKeys(seed);
    }

    /// <summary>Writes the file, replacing another.</summary>
    public void Save(string path)
    {
        byte[] body = [.. Magic, .. _seed.Span];
        try
        {
            SecretFile.Write(path, body);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    /// <summary>Reads the file.</summary>
    public static KeyFileOutcome Load(string path, [MaybeNull] out AuthorityKeys keys)
    {
        AuthorityKeys? loaded = null;
        KeyFileOutcome outcome = SecretFile.Read(path, body =>
        {
            ReadOnlySpan<byte> bytes = body.Span;
            if (bytes.Length != Magic.Length + Ed25519.SeedSize || !bytes.StartsWith(Magic))
            {
                return false;
            }

            loaded = new AuthorityKeys(new SecretBytes(bytes[Magic.Length..]));
            return true;
        });
        keys = loaded;
        return outcome;
    }

    internal byte[] Sign(ReadOnlySpan<byte> message)
    {
        byte[] signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_seed.Span, PublicKey, message, signature);
        return signature;
    }

    /// <inheritdoc/>
    public void Dispose() => _seed.Dispose();
}
