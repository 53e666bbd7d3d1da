using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Private.Transfer;

/// <summary>
/// The choosing side of 128 base transfers over ristretto255: endemic transfer from CDH.
/// <code>
/// a random, r₁₋c a random point, r_c = a·B − H(i, c, r₁₋c)                          → r₀ ‖ r₁
/// y random, Y = y·B, key_b = KDF(y·(r_b + H(i, b, r₁₋b)))                           ← Y
/// key_c = KDF(a·Y)
/// </code>
/// r₀ and r₁ are uniform whatever c is, so the sender learns nothing of it, unconditionally. A receiver that knew both keys would know the discrete
/// logarithms of r₀ + H(r₁) and r₁ + H(r₀), which the random oracle forbids. Unlike "simplest OT", it is proven against malicious parties of both
/// kinds, in one round each way, without assuming that hashes of points can be told apart later; a party that cheats can choose its own keys, which is
/// all that extension needs ("endemic"). Each transfer has its own y, so that none of the attacks on a reused Y applies.
/// <list type="bullet">
/// <item>References: Masny and Rindal, "Endemic Oblivious Transfer" (CCS 2019), figure 8 and theorem for CDH; McQuoid, Rosulek and Roy (ePrint 2021/682).</item>
/// <item>Assumption: CDH in ristretto255, BLAKE2b a random oracle.</item>
/// </list>
/// </summary>
sealed class BaseTransferReceiver : IDisposable
{
    const int Count = TransferGeometry.Columns;

    const int PointSize = TransferGeometry.PointSize;

    readonly Bytes32 _session;

    // a 32 for each transfer, then one byte of choice for each.
    readonly SecretBytes _secrets = new(Count * (PointSize + 1));

    readonly byte[] _points = new byte[Count * 2 * PointSize];

    bool _done;

    /// <summary>Chooses: bit i of <paramref name="choices"/> (16 bytes) is for transfer i.</summary>
    public BaseTransferReceiver(in Bytes32 session, ReadOnlySpan<byte> choices)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(choices.Length, Count / 8);
        _session = session;
        Span<byte> secrets = _secrets.Span, random = stackalloc byte[Ristretto255.HashSize];
        Span<byte> ours = stackalloc byte[PointSize], other = stackalloc byte[PointSize], hash = stackalloc byte[PointSize];
        for (int i = 0; i < Count; i++)
        {
            Span<byte> scalar = secrets.Slice(i * PointSize, PointSize);
            byte choice = (byte)((choices[i / 8] >> (i % 8)) & 1);
            secrets[(Count * PointSize) + i] = choice;
            Ristretto255.RandomScalar(scalar);
            RandomNumberGenerator.Fill(random);
            Ristretto255.FromHash(random, other);
            Ristretto255.MultiplyBase(scalar, ours);
            BaseTransfer.HashToPoint(_session, i, choice, other, hash);
            Ristretto255.Subtract(ours, hash, ours);
            Span<byte> pair = _points.AsSpan(i * 2 * PointSize, 2 * PointSize);
            Select(choice, ours, other, pair[..PointSize]);
            Select(choice ^ 1, ours, other, pair[PointSize..]);
        }
        CryptographicOperations.ZeroMemory(ours);
        CryptographicOperations.ZeroMemory(random);
    }

    /// <summary>What the sender is told: r₀ ‖ r₁ for every transfer.</summary>
    public ReadOnlySpan<byte> Message => _points;

    /// <summary>Takes every Y (32 bytes each) and writes the chosen keys, 16 bytes each. Once.</summary>
    public TransferOutcome Receive(ReadOnlySpan<byte> message, Span<byte> keys)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(keys.Length, Count * TransferGeometry.LabelSize);
        if (_done)
        {
            return TransferOutcome.Closed;
        }
        _done = true;
        TransferOutcome outcome = message.Length == Count * PointSize ? ReceiveCore(message, keys) : TransferOutcome.WrongSize;
        if (outcome != TransferOutcome.Taken)
        {
            CryptographicOperations.ZeroMemory(keys);
        }
        Dispose();
        return outcome;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _done = true;
        _secrets.Dispose();
    }

    TransferOutcome ReceiveCore(ReadOnlySpan<byte> message, Span<byte> keys)
    {
        Span<byte> secrets = _secrets.Span, shared = stackalloc byte[PointSize];
        bool valid = true;
        // All of them, whatever the first bad one was: which one fails depends on no secret, and neither does the time.
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<byte> theirs = message.Slice(i * PointSize, PointSize);
            valid &= Ristretto255.Multiply(secrets.Slice(i * PointSize, PointSize), theirs, shared);
            BaseTransfer.Key(
                _session, i, secrets[(Count * PointSize) + i], _points.AsSpan(i * 2 * PointSize, 2 * PointSize), theirs, shared,
                keys.Slice(i * TransferGeometry.LabelSize, TransferGeometry.LabelSize));
        }
        CryptographicOperations.ZeroMemory(shared);
        return valid ? TransferOutcome.Taken : TransferOutcome.BadPoint;
    }

    /// <summary>result = bit is 0 ? zero : one.</summary>
    static void Select(int bit, ReadOnlySpan<byte> zero, ReadOnlySpan<byte> one, Span<byte> result)
    {
        byte mask = unchecked((byte)-bit);
        for (int i = 0; i < PointSize; i++)
        {
            result[i] = (byte)(zero[i] ^ (mask & (zero[i] ^ one[i])));
        }
    }
}
