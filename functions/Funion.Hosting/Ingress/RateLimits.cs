using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Funion.Hosting.Ingress;

/// <summary>
/// What a gateway, which knows nobody, holds its visitors to: a token bucket per connection, filled at 1.1 times what a client may send (Echomix,
/// section 6), so that a conforming client never meets it; and one per address, so that opening connections buys little. The table of addresses is
/// bounded and the least recently seen goes first; once it is full, newcomers start with little, so that churning through addresses buys little either.
/// Addresses stay in memory, for as long as their buckets.
/// </summary>
sealed class RateLimits(double perSecond, TimeProvider time)
{
    /// <summary>How many conforming clients may share an address: a household, an office, a carrier's translator.</summary>
    const int ClientsPerAddress = 64;

    const double Burst = 256;

    const double NewcomersBurst = 32;

    readonly Lock _lock = new();
    readonly LinkedList<(UInt128 Network, TokenBucket Bucket)> _recent = [];
    readonly Dictionary<UInt128, LinkedListNode<(UInt128 Network, TokenBucket Bucket)>> _addresses = [];

    /// <summary>How many addresses are remembered at most.</summary>
    public int MostAddresses { get; init; } = 65_536;

    /// <summary>How many are remembered.</summary>
    public int Addresses
    {
        get
        {
            lock (_lock)
            {
                return _addresses.Count;
            }
        }
    }

    /// <summary>A bucket for a new connection.</summary>
    public TokenBucket ForConnection() => new(perSecond, Burst, time);

    /// <summary>
    /// Takes a token of an address: of an IPv6 one that of its /64, which is what one subscriber gets. This machine's own addresses have no limit but
    /// their connections'; everyone who comes through a local proxy has them.
    /// </summary>
    public bool TryTake(IPAddress? address)
    {
        if (address is null || IPAddress.IsLoopback(address))
        {
            return true;
        }
        return BucketOf(NetworkOf(address)).TryTake();
    }

    TokenBucket BucketOf(UInt128 network)
    {
        lock (_lock)
        {
            if (_addresses.TryGetValue(network, out LinkedListNode<(UInt128 Network, TokenBucket Bucket)>? known))
            {
                _recent.Remove(known);
                _recent.AddFirst(known);
                return known.Value.Bucket;
            }
            bool full = _addresses.Count >= MostAddresses;
            if (full)
            {
                _addresses.Remove(_recent.Last!.Value.Network);
                _recent.RemoveLast();
            }
            TokenBucket bucket = new(ClientsPerAddress * perSecond, full ? NewcomersBurst : ClientsPerAddress * Burst, time);
            _addresses.Add(network, _recent.AddFirst((network, bucket)));
            return bucket;
        }
    }

    static UInt128 NetworkOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        if (!address.IsIPv4MappedToIPv6 && address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            bytes[8..].Clear();
        }
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
