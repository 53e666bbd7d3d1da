using Funion.Cryptography;

namespace Funion.Private.Transfer;

/// <summary>The trees of the receiver's first message, in place: see <see cref="TransferGeometry"/>.</summary>
readonly ref struct OpenMessage(TransferGeometry geometry, Span<byte> bytes)
{
    const int LevelSize = 2 * TransferGeometry.LabelSize;

    const int ProofSize = TransferGeometry.TreeSumSize + TransferGeometry.TreeHashSize;

    readonly Span<byte> _levels = bytes[..(TransferGeometry.Columns * LevelSize)];

    readonly Span<byte> _proofs = bytes[(TransferGeometry.Columns * LevelSize)..];

    /// <summary>Both sums of every level of a tree, under the pads of its base transfers.</summary>
    public Span<byte> Levels(int tree) => _levels.Slice(tree * geometry.Depth * LevelSize, geometry.Depth * LevelSize);

    /// <summary>Sum and hash of a tree's checks.</summary>
    public Span<byte> Proof(int tree) => _proofs.Slice(tree * ProofSize, ProofSize);

    /// <summary>Session, parameters and both messages.</summary>
    public static Bytes32 Transcript(in Bytes32 session, TransferGeometry geometry, ReadOnlySpan<byte> choose, ReadOnlySpan<byte> open)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Blake2bState state = new(hash.Length, []);
        state.Append("funion-ot-transcript-v1"u8);
        state.Append(session.AsSpan());
        state.Append([(byte)geometry.Depth]);
        state.Append(choose);
        state.Append(open);
        state.Finish(hash);
        return new Bytes32(hash);
    }
}
