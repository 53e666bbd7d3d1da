namespace Funion.Bacap;

/// <summary>A box as it is stored: anybody can verify it, only a reader can open it.</summary>
/// <param name="Id">Verification key of the signature.</param>
/// <param name="Ciphertext">Empty for a tombstone.</param>
/// <param name="Signature">64 bytes over the ciphertext.</param>
public sealed record Box(BoxId Id, ReadOnlyMemory<byte> Ciphertext, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Length of a signature in bytes.</summary>
    public const int SignatureSize = Cryptography.Ed25519.SignatureSize;

    /// <summary>Bytes that sealing adds to a plaintext.</summary>
    public const int Overhead = Cryptography.AesGcmSiv.TagSize;

    /// <summary>Whether the writer deleted what was here.</summary>
    public bool IsTombstone => Ciphertext.IsEmpty;

    /// <summary>Whether the holder of the box's private key signed this ciphertext: plain RFC 8032 under the box id.</summary>
    public static bool Verify(BoxId id, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> signature) =>
        Cryptography.Ed25519.Verify(id.AsSpan(), ciphertext, signature);
}
