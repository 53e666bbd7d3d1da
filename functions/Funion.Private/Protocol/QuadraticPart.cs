using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>
/// What a party keeps of a <see cref="QuadraticBatch"/>: its garbled carries, if there are any, and its words of the square pairs: of the client v₁ and what is
/// folded into z, of the server a₂ and s₂. Good for one e: with two the client's answers would tell v₁, the server's words its share.
/// </summary>
sealed class QuadraticPart<TGarbled>(QuadraticBatch batch, TGarbled? garbled) : IDisposable
    where TGarbled : class, IDisposable
{
    /// <summary>The carries.</summary>
    public TGarbled? Garbled { get; } = garbled;

    /// <summary>v₁, or a₂.</summary>
    public ulong[] Values { get; } = GC.AllocateArray<ulong>(batch.Count, pinned: true);

    /// <summary>What belongs to the square.</summary>
    public ulong[] Squares { get; } = GC.AllocateArray<ulong>(batch.Count, pinned: true);

    /// <summary>Bytes of <see cref="ExportWords"/>.</summary>
    public static int WordsSize(QuadraticBatch batch) => 2 * batch.WordsSize;

    /// <summary>Writes the words.</summary>
    public void ExportWords(Modulus modulus, Span<byte> bytes)
    {
        BitPacking.Write(Values, modulus.Bits, bytes[..batch.WordsSize]);
        BitPacking.Write(Squares, modulus.Bits, bytes[batch.WordsSize..]);
    }

    /// <summary>Reads the words; false when they are no such bytes.</summary>
    public bool TryReadWords(Modulus modulus, ReadOnlySpan<byte> bytes) =>
        bytes.Length == WordsSize(batch) && BitPacking.TryRead(bytes[..batch.WordsSize], modulus.Bits, Values)
        && BitPacking.TryRead(bytes[batch.WordsSize..], modulus.Bits, Squares);

    /// <inheritdoc/>
    public void Dispose()
    {
        Garbled?.Dispose();
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(Values.AsSpan()));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(Squares.AsSpan()));
    }
}
