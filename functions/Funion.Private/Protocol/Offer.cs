using System.Buffers.Binary;
using Funion.Cryptography;
using Funion.Private.Transfer;

namespace Funion.Private.Protocol;

/// <summary>
/// A client's first message in either phase: what it means to do, and with which parameters. There is nothing to bargain about: the server takes it or says why not.
/// <code>
/// offer = "FUNION2P" 8 ‖ version 1 ‖ phase 1 ‖ l 1 ‖ transfer 1 ‖ channel 1 ‖ architecture 32 ‖ name 32 ‖ base 4      little-endian
/// name  = offline: a fresh nonce; online: the session whose material is used up
/// base  = offline: 0, base transfers of this session's own; n, those of the line, for its n-th session, which 1 begins; online: 0
/// </code>
/// </summary>
readonly record struct Offer(byte Version, ProtocolPhase Phase, byte Bits, TransferKind Transfer, ChannelKind Channel, Bytes32 Architecture, Bytes32 Name, uint Base = 0)
{
    /// <summary>Of this protocol.</summary>
    public const byte CurrentVersion = 2;

    /// <summary>Length in bytes.</summary>
    public const int Size = 13 + (2 * Bytes32.Size) + sizeof(uint);

    static ReadOnlySpan<byte> Magic => "FUNION2P"u8;

    /// <summary>The bytes.</summary>
    public byte[] ToBytes() =>
        [.. Magic, Version, (byte)Phase, Bits, (byte)Transfer, (byte)Channel, .. Architecture.AsSpan(), .. Name.AsSpan(), .. Number(Base)];

    /// <summary>Reads an offer; null when it is none. Of another version only the version is known to mean anything.</summary>
    public static Offer? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size || !bytes.StartsWith(Magic))
        {
            return null;
        }
        ReadOnlySpan<byte> numbers = bytes[Magic.Length..];
        Offer offer = new(
            numbers[0], (ProtocolPhase)numbers[1], numbers[2], (TransferKind)numbers[3], (ChannelKind)numbers[4],
            new Bytes32(bytes.Slice(13, Bytes32.Size)), new Bytes32(bytes.Slice(13 + Bytes32.Size, Bytes32.Size)),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[^sizeof(uint)..]));
        bool known = Enum.IsDefined(offer.Phase) && Enum.IsDefined(offer.Transfer) && Enum.IsDefined(offer.Channel) && (offer.Base == 0 || offer.Phase == ProtocolPhase.Offline);
        return known || offer.Version != CurrentVersion ? offer : null;
    }

    /// <summary>Name of the line's base transfers, where this offer begins them.</summary>
    public Bytes32 LineSession() => Hash("funion-two-party-line-v1"u8, [], [], []);

    /// <summary>Name of the transfers' session: everything that was offered, and the line's base if it is of that.</summary>
    public Bytes32 TransferSession(LineBase? line = null) => line is null
        ? Hash("funion-two-party-transfer-v1"u8, [], [], []) : Hash("funion-two-party-line-transfer-v1"u8, line.Transcript.AsSpan(), [], []);

    /// <summary>Name of the session: what was offered, the transfers with their base, the key of the encryptions, what the server answered.</summary>
    public Bytes32 Session(in Bytes32 transcript, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> accept) =>
        Hash("funion-two-party-session-v1"u8, transcript.AsSpan(), publicKey, accept);

    static byte[] Number(uint number)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return bytes;
    }

    Bytes32 Hash(ReadOnlySpan<byte> label, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
        // All parts are of fixed length in one version, the label among them.
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Blake2bState state = new(hash.Length, []);
        state.Append(label);
        state.Append(ToBytes());
        state.Append(first);
        state.Append(second);
        state.Append(third);
        state.Finish(hash);
        return new Bytes32(hash);
    }
}
