using Funion.Cryptography;

namespace Funion.Network;

/// <summary>An X25519 key pair that serves one epoch and is wiped after it.</summary>
public sealed class EpochSecret : IDisposable
{
    internal EpochSecret(long epoch, SecretBytes privateKey)
    {
        Epoch = epoch;
        PrivateKey = privateKey;
        PublicKey = new byte[X25519.Size];
        X25519.PublicKey(privateKey.Span, PublicKey);
    }

    /// <summary>Network epoch, or replica epoch.</summary>
    public long Epoch { get; }

    /// <summary>32 bytes.</summary>
    public SecretBytes PrivateKey { get; }

    /// <summary>32 bytes.</summary>
    public byte[] PublicKey { get; }

    internal static EpochSecret Generate(long epoch)
    {
        SecretBytes privateKey = new(X25519.Size);
        Span<byte> publicKey = stackalloc byte[X25519.Size];
        X25519.GenerateKeyPair(privateKey.Span, publicKey);
        return new EpochSecret(epoch, privateKey);
    }

    /// <inheritdoc/>
    public void Dispose() => PrivateKey.Dispose();
}
