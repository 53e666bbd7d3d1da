using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Funion.Private.Lattice;

/// <summary>Words on loan, wiped when they go back. From a pool of its own: its arrays are pinned, so that the collector leaves no copy of a secret.</summary>
readonly ref struct LatticeScratch
{
    /// <summary>Arrays of one size that are kept: what the threads of one machine use at once. More are left to the collector, wiped.</summary>
    const int MostKept = 64;

    /// <summary>By the power of two that their length is.</summary>
    static readonly Stack<ulong[]>[] s_pools = [.. Enumerable.Range(0, 31).Select(_ => new Stack<ulong[]>(MostKept))];

    readonly ulong[] _words;

    public LatticeScratch(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1 << 30);
        int power = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)length));
        Stack<ulong[]> pool = s_pools[power];
        ulong[]? words;
        lock (pool)
        {
            pool.TryPop(out words);
        }
        _words = words ?? GC.AllocateArray<ulong>(1 << power, pinned: true);
        Words = _words.AsSpan(0, length);
    }

    /// <summary>Exactly as many as were asked for, of undefined content.</summary>
    public Span<ulong> Words { get; }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(Words));
        Stack<ulong[]> pool = s_pools[BitOperations.Log2((uint)_words.Length)];
        lock (pool)
        {
            if (pool.Count < MostKept)
            {
                pool.Push(_words);
            }
        }
    }
}
