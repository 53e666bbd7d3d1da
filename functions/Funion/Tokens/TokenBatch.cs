using System.Buffers.Binary;
using Funion.Cryptography;

namespace Funion.Tokens;

/// <summary>
/// Many token requests at once, and their answer, in exact sizes:
/// <code>
/// batch    epoch i64 BE ‖ n u16 BE, 1 to 256 ‖ n × TokenRequest 259
/// answer   outcome u8 ‖ n × TokenResponse 256, zeros unless issued
/// </code>
/// An answer is as long for a refusal as for tokens.
/// </summary>
public static class TokenBatch
{
    /// <summary>Tokens in a batch at most.</summary>
    public const int Most = 256;

    const int Head = sizeof(long) + sizeof(ushort);

    /// <summary>Length of a batch of so many requests in bytes.</summary>
    public static int Size(int count) => Head + (count * PendingToken.RequestSize);

    /// <summary>Length of the answer to so many requests in bytes.</summary>
    public static int AnswerSize(int count) => 1 + (count * PendingToken.ResponseSize);

    /// <summary>Encodes a batch.</summary>
    public static byte[] Write(long epoch, IReadOnlyList<byte[]> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentOutOfRangeException.ThrowIfZero(requests.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(requests.Count, Most);
        byte[] batch = new byte[Size(requests.Count)];
        BinaryPrimitives.WriteInt64BigEndian(batch, epoch);
        BinaryPrimitives.WriteUInt16BigEndian(batch.AsSpan(sizeof(long)), (ushort)requests.Count);
        for (int i = 0; i < requests.Count; i++)
        {
            requests[i].CopyTo(batch, Size(i));
        }
        return batch;
    }

    /// <summary>Epoch and number of requests; null for anything but a batch.</summary>
    public static (long Epoch, int Count)? TryRead(ReadOnlySpan<byte> batch)
    {
        if (batch.Length < Head)
        {
            return null;
        }
        int count = BinaryPrimitives.ReadUInt16BigEndian(batch[sizeof(long)..]);
        return count is >= 1 and <= Most && batch.Length == Size(count) ? (BinaryPrimitives.ReadInt64BigEndian(batch), count) : null;
    }

    /// <summary>One of the requests of a batch that was read.</summary>
    public static ReadOnlySpan<byte> Request(ReadOnlySpan<byte> batch, int index) => batch.Slice(Size(index), PendingToken.RequestSize);

    /// <summary>Where one of the responses of an answer lies.</summary>
    public static Range Response(int index) => AnswerSize(index)..AnswerSize(index + 1);

    /// <summary>The outcome of an answer to so many requests; null for anything but an answer of that size.</summary>
    public static IssueOutcome? OutcomeOf(ReadOnlySpan<byte> answer, int count) =>
        answer.Length == AnswerSize(count) && answer[0] <= (byte)IssueOutcome.Failed ? (IssueOutcome)answer[0] : null;

    /// <summary>Names a batch in a budget.</summary>
    internal static Bytes32 Hash(ReadOnlySpan<byte> batch)
    {
        Span<byte> hash = stackalloc byte[Bytes32.Size];
        Blake2b.Hash256("funion-token-batch-v1"u8, batch, hash);
        return new Bytes32(hash);
    }
}
