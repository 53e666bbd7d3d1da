using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Sphinx;

/// <summary>What opens the reply to one SURB. Its maker's alone, used once.</summary>
public sealed class SurbSecret : IDisposable
{
    readonly SphinxGeometry _geometry;

    // The block's own key and tweak, then each hop's in the order of the path.
    readonly SecretBytes _secrets;

    internal SurbSecret(SphinxGeometry geometry, SurbId id, SecretBytes secrets)
    {
        _geometry = geometry;
        Id = id;
        _secrets = secrets;
    }

    /// <summary>Under which the reply arrives.</summary>
    public SurbId Id { get; }

    /// <summary>
    /// Opens a reply in place: puts back the layers that the hops took off, takes off the block's own, checks the zeros. False when anything was
    /// changed on the way. The reply lies behind the first 32 bytes then.
    /// </summary>
    public bool TryOpen(Span<byte> payload)
    {
        if (payload.Length != _geometry.PayloadSize)
        {
            return false;
        }
        ReadOnlySpan<byte> secrets = _secrets.Span;
        for (int i = (secrets.Length / SphinxHeader.PayloadSecretSize) - 1; i >= 1; i--)
        {
            ReadOnlySpan<byte> hop = secrets.Slice(i * SphinxHeader.PayloadSecretSize, SphinxHeader.PayloadSecretSize);
            Hctr2.Encrypt(hop[..SphinxGeometry.PayloadKeySize], hop[SphinxGeometry.PayloadKeySize..], payload);
        }
        Hctr2.Decrypt(secrets[..SphinxGeometry.PayloadKeySize], secrets[SphinxGeometry.PayloadKeySize..SphinxHeader.PayloadSecretSize], payload);
        Span<byte> zeros = stackalloc byte[SphinxGeometry.PayloadTagSize];
        zeros.Clear();
        return CryptographicOperations.FixedTimeEquals(payload[..SphinxGeometry.PayloadTagSize], zeros);
    }

    /// <summary>The secrets, for whoever keeps them over the end of a process; the caller's to seal and to wipe.</summary>
    internal byte[] ToBytes() => _secrets.Span.ToArray();

    /// <summary>Takes up what <see cref="ToBytes"/> gave; null for anything of another length.</summary>
    internal static SurbSecret? TryParse(SphinxGeometry geometry, SurbId id, ReadOnlySpan<byte> secrets) =>
        secrets.Length >= 2 * SphinxHeader.PayloadSecretSize && secrets.Length % SphinxHeader.PayloadSecretSize == 0
            ? new SurbSecret(geometry, id, new SecretBytes(secrets))
            : null;

    /// <inheritdoc/>
    public void Dispose() => _secrets.Dispose();
}
