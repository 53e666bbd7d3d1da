using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Funion.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>
/// The consistency check of an extension: a linear universal hash of every column and of the choices, whose key is drawn after the corrections are fixed.
/// <code>
/// χ       = BLAKE2b-256("funion-ot-challenge-v1" ‖ transcript ‖ number of the extension ‖ transfers ‖ corrections)[0:16]
/// hash(c) = POLYVAL_χ(all blocks of the column but the last) ⊕ the last block
/// accept  ⇔ hash(w_j) = hash(v_j) ⊕ Δ_j·hash(u) for all 128 columns j
/// </code>
/// Each column is hashed for itself, as SoftSpokenOT does. The check of KOS15 adds up rows as elements of GF(2¹²⁸) instead; Roy shows that its proof is
/// wrong, and what Diamond (ePrint 2022/1371) could prove of it since needs parameters in the thousands. Two different columns of n blocks collide with
/// probability n/2¹²⁸ at most, 2⁻¹¹⁵ for the largest extension, and any two of 128 trees with 2⁻¹⁰². As χ comes from a hash (Fiat and Shamir), a cheater
/// may try many corrections at home: 2⁶⁰ tries leave 2⁻⁴². What it cannot do at home is to guess Δ: corrections for tree i that differ from the others pass only if the k
/// bits of Δ there are guessed, with probability 2⁻ᵏ, and after one failure there is no session any more. The last block masks what the hash tells.
/// <list type="bullet">
/// <item>References: Roy, "SoftSpokenOT" (ePrint 2022/192), sections 3.2, 4 and appendix on KOS; Keller, Orsini and Scholl (CRYPTO 2015).</item>
/// <item>Assumption: BLAKE2b a random oracle (for one message instead of three).</item>
/// </list>
/// </summary>
ref struct ColumnCheck
{
    Polyval _hash;

    /// <summary>Draws the key of the hash.</summary>
    public ColumnCheck(in Bytes32 transcript, ulong number, int transfers, ReadOnlySpan<byte> corrections)
    {
        Span<byte> key = stackalloc byte[Blake2b.Size256], place = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(place, number);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], transfers);
        Blake2bState state = new(key.Length, []);
        state.Append("funion-ot-challenge-v1"u8);
        state.Append(transcript.AsSpan());
        state.Append(place);
        state.Append(corrections);
        state.Finish(key);
        _hash = new Polyval(Vector128.Create(key[..16]));
    }

    /// <summary>The masked hash of a column.</summary>
    public Label Hash(ReadOnlySpan<Label> column)
    {
        _hash.Reset();
        _hash.AppendPadded(MemoryMarshal.AsBytes(column[..^1]));
        return _hash.Hash ^ column[^1];
    }
}
