using Funion.Cryptography;
using Funion.Network;

namespace Funion.Sphinx;

/// <summary>A hop's key of one epoch.</summary>
/// <param name="Node">Whose.</param>
/// <param name="Epoch">The epoch; its secrets go with it.</param>
/// <param name="PrivateKey">KEM private key.</param>
/// <param name="PublicKey">KEM public key.</param>
public sealed record HopKey(NodeId Node, long Epoch, SecretBytes PrivateKey, ReadOnlyMemory<byte> PublicKey) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => PrivateKey.Dispose();
}
