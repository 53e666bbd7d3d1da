using System.Security.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>The choosing side of <see cref="LineBase"/>: the client. A server that cheats learns no choice: d hides it under bits that it does not see.</summary>
sealed class LineBaseReceiver : LineBase
{
    readonly CorrelatedReceiver _transfers;

    /// <summary>Begins; the line's name is used once.</summary>
    public LineBaseReceiver(in Bytes32 line) => _transfers = new CorrelatedReceiver(line, Geometry);

    /// <summary>Begins with transfers whose seeds a dealer drew.</summary>
    internal LineBaseReceiver(CorrelatedReceiver transfers) => _transfers = transfers;

    /// <inheritdoc/>
    public override Bytes32 Transcript => _transfers.Transcript;

    /// <summary>Answers the server's first message. Once.</summary>
    public TransferOutcome Open(ReadOnlySpan<byte> begin, Span<byte> seeds) => _transfers.Open(begin, seeds);

    /// <summary>Chooses for one session, bit i of <paramref name="choices"/> (16 bytes) for transfer i: its message, and the chosen keys, 16 bytes each.</summary>
    public void Choose(in Bytes32 session, ReadOnlySpan<byte> choices, Span<byte> message, Span<byte> keys)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(choices.Length, Count / 8);
        ArgumentOutOfRangeException.ThrowIfNotEqual(message.Length, ChooseSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(keys.Length, Count * TransferGeometry.LabelSize);
        Span<Label> labels = stackalloc Label[Count];
        Span<byte> bits = stackalloc byte[Count / 8];
        _transfers.Extend(Count, message[..ExtensionSize], bits, labels);
        Next++;
        Span<byte> corrections = message[ExtensionSize..];
        for (int i = 0; i < corrections.Length; i++)
        {
            corrections[i] = (byte)(bits[i] ^ choices[i]);
        }
        for (int i = 0; i < Count; i++)
        {
            Key(session, i, labels[i], keys.Slice(i * TransferGeometry.LabelSize, TransferGeometry.LabelSize));
        }
        Wipe(labels);
        CryptographicOperations.ZeroMemory(bits);
    }

    /// <inheritdoc/>
    public override void Dispose() => _transfers.Dispose();
}
