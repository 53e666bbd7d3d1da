using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Sphinx;

/// <summary>
/// Peels one layer, in place and without allocation. The MAC covers version, epoch, KEM ciphertext and routing, and is checked before anything that
/// it covers is believed; the replay tag comes from the shared secret, which binds the ciphertext, so a header cannot be marked and kept valid.
/// </summary>
public static class SphinxUnwrap
{
    // Room for the routing information of a header with its extension, on the stack: X25519 up to 32 hops.
    const int LongestOnStack = 4096;

    /// <summary>Peels a packet with the key that <paramref name="find"/> has for the header's epoch byte. Any bytes give an outcome; none throws.</summary>
    public static Unwrapped Unwrap(SphinxGeometry geometry, Func<byte, HopKey?> find, Span<byte> packet)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(find);
        if (packet.Length != geometry.PacketSize)
        {
            return new Unwrapped { Outcome = UnwrapOutcome.WrongSize };
        }
        if (packet[0] != SphinxHeader.Version)
        {
            return new Unwrapped { Outcome = UnwrapOutcome.UnknownVersion };
        }
        if (find(packet[1]) is not { } key)
        {
            return new Unwrapped { Outcome = UnwrapOutcome.WrongEpoch };
        }
        Span<byte> context = stackalloc byte[HopSecrets.ContextSize];
        Span<byte> secret = stackalloc byte[Kem.SharedSecretSize];
        HopSecrets.WriteContext(context, key.Node, key.Epoch);
        ReadOnlySpan<byte> ciphertext = packet.Slice(SphinxGeometry.PrefixSize, geometry.Kem.CiphertextSize);
        if (!geometry.Kem.Decapsulate(key.PrivateKey.Span, key.PublicKey.Span, ciphertext, context, secret))
        {
            return new Unwrapped { Outcome = UnwrapOutcome.BadKey };
        }
        HopSecrets keys = new(secret);
        CryptographicOperations.ZeroMemory(secret);
        Unwrapped result = Peel(geometry, keys, key.Epoch, packet);
        keys.Clear();
        return result;
    }

    static Unwrapped Peel(SphinxGeometry geometry, scoped in HopSecrets keys, long epoch, Span<byte> packet)
    {
        Span<byte> mac = stackalloc byte[SphinxGeometry.MacSize];
        Blake2b.Mac256(keys.MacKey, packet[..geometry.MacOffset], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, packet.Slice(geometry.MacOffset, SphinxGeometry.MacSize)))
        {
            return new Unwrapped { Outcome = UnwrapOutcome.BadMac };
        }
        int extended = geometry.RoutingSize + geometry.PerHop;
        Span<byte> routing = extended <= LongestOnStack ? stackalloc byte[extended] : new byte[extended];
        routing.Clear();
        packet.Slice(geometry.RoutingOffset, geometry.RoutingSize).CopyTo(routing);
        Aes256Ctr.Xor(keys.StreamKey, keys.StreamIv, routing);
        ReplayTag tag = new(keys.ReplayTag);
        if (!HopCommands.TryParse(routing[..SphinxGeometry.CommandsSize], out HopCommands commands) || !IsSensible(commands))
        {
            return new Unwrapped { Outcome = UnwrapOutcome.BadCommands, ReplayTag = tag, Epoch = epoch };
        }
        Span<byte> payload = packet[geometry.HeaderSize..];
        Hctr2.Decrypt(keys.PayloadKey, keys.PayloadTweak, payload);
        if (commands.NextHop is { } next)
        {
            Span<byte> rest = routing[SphinxGeometry.CommandsSize..];
            rest[..geometry.Kem.CiphertextSize].CopyTo(packet[SphinxGeometry.PrefixSize..]);
            rest[geometry.Kem.CiphertextSize..].CopyTo(packet[geometry.RoutingOffset..]);
            commands.NextMac.CopyTo(packet[geometry.MacOffset..]);
            return new Unwrapped
            {
                Outcome = UnwrapOutcome.Forward, ReplayTag = tag, Epoch = epoch, DelayMilliseconds = commands.DelayMilliseconds, NextHop = next,
            };
        }
        return Arrive(geometry, tag, epoch, commands.DelayMilliseconds, commands.Recipient!.Value, commands.SurbId, payload);
    }

    static Unwrapped Arrive(
        SphinxGeometry geometry, ReplayTag tag, long epoch, uint delay, RecipientId recipient, SurbId? surbId, Span<byte> payload)
    {
        if (surbId is { } id)
        {
            return new Unwrapped
            {
                Outcome = UnwrapOutcome.SurbReply, ReplayTag = tag, Epoch = epoch, DelayMilliseconds = delay, Recipient = recipient, SurbId = id,
                Payload = payload,
            };
        }
        Span<byte> expected = stackalloc byte[SphinxGeometry.PayloadTagSize + SphinxGeometry.FlagsSize];
        expected.Clear();
        expected[SphinxGeometry.PayloadTagSize] = SphinxPacket.CarriesSurb;
        bool intact = CryptographicOperations.FixedTimeEquals(payload[..expected.Length], expected);
        return new Unwrapped
        {
            Outcome = intact ? UnwrapOutcome.Deliver : UnwrapOutcome.BadPayload, ReplayTag = tag, Epoch = epoch, DelayMilliseconds = delay,
            Recipient = recipient, Surb = intact ? payload.Slice(SphinxGeometry.SurbOffset, geometry.SurbSize) : [],
            UserPayload = intact ? payload[(SphinxGeometry.SurbOffset + geometry.SurbSize)..] : [],
        };
    }

    /// <summary>On the way: a next hop and nothing else. At the end: a recipient.</summary>
    static bool IsSensible(in HopCommands commands) =>
        commands.NextHop is not null ? commands.Recipient is null && commands.SurbId is null : commands.Recipient is not null;
}
