using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Sphinx;

/// <summary>What opens the reply to one SURB. Its maker's alone, used once.</summary>
public sealed class SurbSecret : IDisposable
{
    readonly SphinxGeometry _geometry;

    // The block's own key and tweak, then each hop's in the order of the path. Pinned, so that no collection leaves a copy behind, and not in guarded pages of its
    // own: thousands are out at a time, and a process has so many mappings and no more.
    readonly byte[] _secrets;

    bool _disposed;

    internal SurbSecret(SphinxGeometry geometry, SurbId id, byte[] secrets)
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
        ObjectDisposedException.ThrowIf(_disposed, this);
        ReadOnlySpan<byte> secrets = _secrets;
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
    internal byte[] ToBytes()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return [.. _secrets];
    }

    /// <summary>Takes up what <see cref="ToBytes"/> gave; null for anything of another length.</summary>
    internal static SurbSecret? TryParse(SphinxGeometry geometry, SurbId id, ReadOnlySpan<byte> secrets)
    {
        if (secrets.Length < 2 * SphinxHeader.PayloadSecretSize || secrets.Length % SphinxHeader.PayloadSecretSize != 0)
        {
            return null;
        }
        byte[] own = Allocate((secrets.Length / SphinxHeader.PayloadSecretSize) - 1);
        secrets.CopyTo(own);
        return new SurbSecret(geometry, id, own);
    }

    /// <summary>Room for the secrets of a path.</summary>
    internal static byte[] Allocate(int hops) => GC.AllocateUninitializedArray<byte>((hops + 1) * SphinxHeader.PayloadSecretSize, pinned: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secrets);
    }
}
