using Funion.Cryptography;
using Funion.Network;

namespace Funion.Roles;

/// <summary>A replica's MKEM keys by replica epoch, and the key of the tickets that it gives itself.</summary>
public sealed class ReplicaKeyring : IDisposable
{
    readonly Dictionary<long, SecretBytes> _keys;

    /// <summary>Takes the keys over.</summary>
    public ReplicaKeyring(NodeId self, IReadOnlyDictionary<long, SecretBytes> keys)
    {
        Self = self;
        _keys = new Dictionary<long, SecretBytes>(keys);
        TicketKey = new SecretBytes(32);
        ArgumentOutOfRangeException.ThrowIfZero(_keys.Count, nameof(keys));
        HkdfBlake2b.DeriveKey(_keys[_keys.Keys.Min()].Span, self.AsSpan(), "funion-replica-ticket-v1"u8, TicketKey.Span);
    }

    /// <summary>This node.</summary>
    public NodeId Self { get; }

    internal SecretBytes TicketKey { get; }

    internal SecretBytes? Find(long epoch) => _keys.GetValueOrDefault(epoch);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SecretBytes key in _keys.Values)
        {
            key.Dispose();
        }
        TicketKey.Dispose();
    }
}
