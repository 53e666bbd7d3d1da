using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Funion.Private.Lattice;

/// <summary>Words on loan from the pool, wiped when they go back.</summary>
readonly ref struct LatticeScratch
{
    readonly ulong[] _words;

    public LatticeScratch(int length)
    {
        _words = ArrayPool<ulong>.Shared.Rent(length);
        Words = _words.AsSpan(0, length);
    }

    /// <summary>Exactly as many as were asked for, of undefined content.</summary>
    public Span<ulong> Words { get; }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(Words));
        ArrayPool<ulong>.Shared.Return(_words);
    }
}
