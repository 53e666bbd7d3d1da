using Funion.Cryptography;
using Funion.Network;

namespace Funion.Sphinx;

/// <summary>
/// Every size of a packet, from one value. At 5 hops, X25519 and a user payload of 30,000 B: header 636, SURB 732, packet 31,402.
/// <code>
/// per hop  = KEM ciphertext ‖ commands 82                 (nested: the hop's part of the routing information carries the next hop's ciphertext)
/// header   = version 1 ‖ epoch mod 256 1 ‖ KEM ciphertext ‖ routing hops·per hop ‖ MAC 32
/// SURB     = header ‖ first hop 32 ‖ payload key 32 ‖ payload tweak 32
/// payload  = zeros 32 ‖ flags 2 ‖ SURB ‖ user payload
/// packet   = header ‖ payload
/// </code>
/// </summary>
public sealed class SphinxGeometry
{
    /// <summary>Length of a hop's commands in bytes: next hop 65, and 17 for a delay or a SURB id.</summary>
    public const int CommandsSize = 82;

    /// <summary>Length of a header's MAC in bytes.</summary>
    public const int MacSize = Blake2b.Size256;

    /// <summary>Length of the zeros before a payload, which its last hop (or the SURB's owner) checks.</summary>
    public const int PayloadTagSize = 32;

    internal const int PrefixSize = 2;

    internal const int FlagsSize = 2;

    internal const int SurbOffset = PayloadTagSize + FlagsSize;

    internal const int PayloadKeySize = Hctr2.KeySize;

    internal const int PayloadTweakSize = 32;

    /// <summary>Makes a geometry of at least one hop.</summary>
    public SphinxGeometry(int userPayload, int hops = 5, Kem? kem = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(userPayload, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hops, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hops, 32);
        Kem = kem ?? Kem.X25519;
        UserPayload = userPayload;
        Hops = hops;
    }

    /// <summary>The KEM of every hop.</summary>
    public Kem Kem { get; }

    /// <summary>Most hops that a header has room for.</summary>
    public int Hops { get; }

    /// <summary>Bytes that a sender may say.</summary>
    public int UserPayload { get; }

    /// <summary>Bytes of routing information per hop.</summary>
    public int PerHop => Kem.CiphertextSize + CommandsSize;

    /// <summary>Bytes of routing information.</summary>
    public int RoutingSize => Hops * PerHop;

    /// <summary>Bytes of a header.</summary>
    public int HeaderSize => PrefixSize + Kem.CiphertextSize + RoutingSize + MacSize;

    /// <summary>Bytes of a single-use reply block.</summary>
    public int SurbSize => HeaderSize + NodeId.Size + PayloadKeySize + PayloadTweakSize;

    /// <summary>Bytes of a payload on the wire.</summary>
    public int PayloadSize => PayloadTagSize + FlagsSize + SurbSize + UserPayload;

    /// <summary>Bytes that a reply may say.</summary>
    public int ReplyPayloadSize => PayloadSize - PayloadTagSize;

    /// <summary>Bytes of a packet: one size for all packets of a network.</summary>
    public int PacketSize => HeaderSize + PayloadSize;

    internal int MacOffset => HeaderSize - MacSize;

    internal int RoutingOffset => PrefixSize + Kem.CiphertextSize;

    }
