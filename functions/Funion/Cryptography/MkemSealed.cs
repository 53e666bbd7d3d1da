namespace Funion.Cryptography;

/// <summary>A message sealed to two recipients.</summary>
/// <param name="EphemeralPublicKey">32 bytes.</param>
/// <param name="Dek1">The message key sealed to the first recipient, 60 bytes.</param>
/// <param name="Dek2">The message key sealed to the second recipient, 60 bytes.</param>
/// <param name="Ciphertext">The message and 28 bytes.</param>
/// <param name="EphemeralPrivateKey">Opens the reply; the sender's alone.</param>
public sealed record MkemSealed(
    byte[] EphemeralPublicKey, byte[] Dek1, byte[] Dek2, byte[] Ciphertext, SecretBytes EphemeralPrivateKey) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => EphemeralPrivateKey.Dispose();
}
