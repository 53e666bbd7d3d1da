using Funion.Cryptography;
using Funion.Network;

namespace Funion.Roles;

/// <summary>
/// A replica's MKEM keys by replica epoch, and with each a key for the tickets that it gives itself. A ticket is sealed under the newest key: it opens as
/// long as any process still has that, whatever has turned meanwhile, and never again once it is wiped.
/// </summary>
public sealed class ReplicaKeyring : IDisposable
{
    readonly Dictionary<long, SecretBytes> _keys;
    readonly SortedDictionary<long, SecretBytes> _tickets = [];

    /// <summary>Takes the keys over.</summary>
    public ReplicaKeyring(NodeId self, IReadOnlyDictionary<long, SecretBytes> keys)
    {
        Self = self;
        _keys = new Dictionary<long, SecretBytes>(keys);
        ArgumentOutOfRangeException.ThrowIfZero(_keys.Count, nameof(keys));
        foreach ((long epoch, SecretBytes key) in _keys)
        {
            SecretBytes ticket = new(32);
            HkdfBlake2b.DeriveKey(key.Span, self.AsSpan(), "funion-replica-ticket-v1"u8, ticket.Span);
            _tickets.Add(epoch, ticket);
        }
    }

    /// <summary>This node.</summary>
    public NodeId Self { get; }

    internal SecretBytes? Find(long epoch) => _keys.GetValueOrDefault(epoch);

    internal byte[] Seal(ProxyTicket ticket) => ticket.Seal(_tickets.Values.Last().Span);

    internal ProxyTicket? TryOpen(ReadOnlySpan<byte> ticket)
    {
        foreach (SecretBytes key in _tickets.Values.Reverse())
        {
            if (ProxyTicket.TryOpen(key.Span, ticket) is { } opened)
            {
                return opened;
            }
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SecretBytes key in (SecretBytes[])[.. _keys.Values, .. _tickets.Values])
        {
            key.Dispose();
        }
    }
}
