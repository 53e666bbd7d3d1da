using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Private.Transfer;

/// <summary>The side of <see cref="BaseTransferReceiver"/> that gets both keys of every transfer. It keeps nothing between messages.</summary>
static class BaseTransferSender
{
    const int Count = TransferGeometry.Columns;

    const int PointSize = TransferGeometry.PointSize;

    /// <summary>
    /// Answers r₀ ‖ r₁ of every transfer with its Y; writes key₀ ‖ key₁ of every transfer, 32 bytes each, or zeros when the message is not sound.
    /// </summary>
    public static TransferOutcome Answer(in Bytes32 session, ReadOnlySpan<byte> message, Span<byte> reply, Span<byte> keys)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(reply.Length, Count * PointSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(keys.Length, Count * 2 * TransferGeometry.LabelSize);
        if (message.Length != Count * 2 * PointSize)
        {
            return TransferOutcome.WrongSize;
        }
        Span<byte> scalar = stackalloc byte[PointSize], shared = stackalloc byte[PointSize], point = stackalloc byte[PointSize];
        bool valid = true;
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<byte> points = message.Slice(i * 2 * PointSize, 2 * PointSize);
            Span<byte> ours = reply.Slice(i * PointSize, PointSize);
            Ristretto255.RandomScalar(scalar);
            Ristretto255.MultiplyBase(scalar, ours);
            for (int branch = 0; branch < 2; branch++)
            {
                BaseTransfer.HashToPoint(session, i, branch, points.Slice((1 - branch) * PointSize, PointSize), point);
                // A point that does not decode fails in the addition, the identity in the multiplication.
                valid &= Ristretto255.Add(points.Slice(branch * PointSize, PointSize), point, point)
                    && Ristretto255.Multiply(scalar, point, shared);
                BaseTransfer.Key(
                    session, i, branch, points, ours, shared, keys.Slice(((2 * i) + branch) * TransferGeometry.LabelSize, TransferGeometry.LabelSize));
            }
        }
        CryptographicOperations.ZeroMemory(scalar);
        CryptographicOperations.ZeroMemory(shared);
        CryptographicOperations.ZeroMemory(point);
        if (!valid)
        {
            CryptographicOperations.ZeroMemory(keys);
            reply.Clear();
            return TransferOutcome.BadPoint;
        }
        return TransferOutcome.Taken;
    }
}
