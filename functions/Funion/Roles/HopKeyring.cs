using System.Text;
using Funion.Cryptography;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>A hop's keys: one per epoch it still accepts, and with each the secret under which delivery ids are remembered.</summary>
public sealed class HopKeyring : IDisposable
{
    const int MacKeySize = 32;

    readonly List<(HopKey Key, SecretBytes MacKey)> _keys = [];

    readonly Func<long, bool> _accepts;

    /// <summary>Takes the keys over. An epoch that is no longer accepted opens nothing: its replay tags may be gone.</summary>
    public HopKeyring(IEnumerable<HopKey> keys, Func<long, bool>? accepts = null)
    {
        _accepts = accepts ?? (_ => true);
        ArgumentNullException.ThrowIfNull(keys);
        foreach (HopKey key in keys)
        {
            SecretBytes macKey = new(MacKeySize);
            HkdfBlake2b.DeriveKey(key.PrivateKey.Span, [], "funion-delivery-id-v1"u8, macKey.Span);
            _keys.Add((key, macKey));
        }
    }

    /// <summary>The key that a header's epoch byte names, or null.</summary>
    public HopKey? Find(byte epoch)
    {
        foreach ((HopKey key, _) in _keys)
        {
            if ((byte)(key.Epoch & 0xff) == epoch && _accepts(key.Epoch))
            {
                return key;
            }
        }
        return null;
    }

    /// <summary>
    /// What the replay store keeps of a delivery: a MAC of the broker's id under a key that dies with the epoch's. The id itself would be a log
    /// that links packets to deliveries.
    /// </summary>
    public byte[] DeliveryMac(long epoch, string deliveryId)
    {
        byte[] mac = new byte[32];
        SecretBytes macKey = _keys.First(entry => entry.Key.Epoch == epoch).MacKey;
        Blake2b.Mac256(macKey.Span, Encoding.UTF8.GetBytes(deliveryId), mac);
        return mac;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((HopKey key, SecretBytes macKey) in _keys)
        {
            key.Dispose();
            macKey.Dispose();
        }
        _keys.Clear();
    }
}
