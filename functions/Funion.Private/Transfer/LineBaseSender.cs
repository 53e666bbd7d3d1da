using System.Runtime.Intrinsics;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>The side of <see cref="LineBase"/> that has Γ and gets both keys of every transfer: the server. A message that is not sound ends it.</summary>
sealed class LineBaseSender : LineBase
{
    readonly CorrelatedSender _transfers;

    /// <summary>Begins; the line's name is used once.</summary>
    public LineBaseSender(in Bytes32 line) => _transfers = new CorrelatedSender(line, Geometry);

    /// <summary>Begins with transfers whose seeds a dealer drew.</summary>
    internal LineBaseSender(CorrelatedSender transfers) => _transfers = transfers;

    /// <inheritdoc/>
    public override Bytes32 Transcript => _transfers.Transcript;

    /// <summary>The first message, <see cref="LineBase.BeginSize"/> bytes.</summary>
    public ReadOnlySpan<byte> Begin => _transfers.Choose;

    /// <summary>Takes the client's answer. Once.</summary>
    public TransferOutcome Open(ReadOnlySpan<byte> seeds) => _transfers.Open(seeds);

    /// <summary>Takes a session's message; writes key₀ ‖ key₁ of every transfer, 32 bytes each, or zeros when it is not sound.</summary>
    public TransferOutcome Answer(in Bytes32 session, ReadOnlySpan<byte> message, Span<byte> keys)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(keys.Length, Count * 2 * TransferGeometry.LabelSize);
        keys.Clear();
        if (message.Length != ChooseSize)
        {
            Dispose();
            return TransferOutcome.WrongSize;
        }
        Span<Label> zero = stackalloc Label[Count];
        TransferOutcome outcome = _transfers.Extend(message[..ExtensionSize], zero);
        if (outcome != TransferOutcome.Taken)
        {
            return outcome;
        }
        Next++;
        ReadOnlySpan<byte> corrections = message[ExtensionSize..];
        Label offset = _transfers.Delta;
        for (int i = 0; i < Count; i++)
        {
            // d is public, and exchanges the two.
            Label first = zero[i] ^ BitPacking.Masked(offset, corrections, i);
            Span<byte> both = keys.Slice(i * 2 * TransferGeometry.LabelSize, 2 * TransferGeometry.LabelSize);
            Key(session, i, first, both[..TransferGeometry.LabelSize]);
            Key(session, i, first ^ offset, both[TransferGeometry.LabelSize..]);
        }
        Wipe(zero);
        return outcome;
    }

    /// <inheritdoc/>
    public override void Dispose() => _transfers.Dispose();
}
