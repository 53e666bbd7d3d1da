using System.Buffers.Binary;
using Funion.Cryptography;

namespace Funion.Private.Garbling;

/// <summary>
/// The first 32 bytes of a garbled batch, which say what it is for. It is no authentication, which is the channel's: it tells a batch that was prepared for
/// another session, or out of order, before it is evaluated to noise.
/// <code>
/// binding = BLAKE2b-256("funion-gc-binding-v2" ‖ session ‖ number ‖ instances ‖ choices first ‖ bits of a share ‖ circuit)
/// </code>
/// </summary>
static class BatchBinding
{
    public static Bytes32 Of(GarblingGeometry geometry, in Bytes32 session, ulong number)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256], place = stackalloc byte[14];
        BinaryPrimitives.WriteUInt64LittleEndian(place, number);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], geometry.Instances);
        place[12] = (byte)(geometry.ChoicesFirst ? 1 : 0);
        place[13] = (byte)geometry.ShareBits;
        Blake2bState state = new(hash.Length, []);
        state.Append("funion-gc-binding-v2"u8);
        state.Append(session.AsSpan());
        state.Append(place);
        state.Append(geometry.Circuit.Digest.AsSpan());
        state.Finish(hash);
        return new Bytes32(hash);
    }
}
