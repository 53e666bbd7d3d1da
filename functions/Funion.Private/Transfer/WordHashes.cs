using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>H(·, 0), H(·, 1), … of a batch of transfers, as words: from labels to one-time pads. A key for each transfer (<see cref="LabelHash"/>, u = 1).</summary>
ref struct WordHashes
{
    readonly Span<Label> _keys;

    readonly Label _start;

    ulong _next;

    /// <summary>For one batch of a session, of a kind; <paramref name="keys"/> is scratch for <see cref="LabelHash.FourKeys"/>.</summary>
    public WordHashes(ReadOnlySpan<byte> label, in Bytes32 session, ulong number, ReadOnlySpan<byte> kind, Span<Label> keys)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256], place = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(place, number);
        Blake2bState state = new(hash.Length, []);
        state.Append(label);
        state.Append(session.AsSpan());
        state.Append(place);
        state.Append(kind);
        state.Finish(hash);
        _start = Vector128.Create(hash[..16]);
        _keys = keys;
    }

    /// <summary>Goes to the next transfer.</summary>
    public void Next()
    {
        if ((_next & 3) == 0)
        {
            LabelHash.Expand(_start, 0, _next, _keys);
        }
        _next++;
    }

    /// <summary>The low 64 bits of the hash of a label of this transfer.</summary>
    public readonly ulong Word(Label label) => LabelHash.Hash(ref _keys[(int)((_next - 1) & 3) * Aes128.RoundKeys], label).AsUInt64().ToScalar();

    /// <summary>Wipes the keys.</summary>
    public readonly void Wipe() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_keys));
}
