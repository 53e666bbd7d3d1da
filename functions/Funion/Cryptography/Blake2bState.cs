using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Interop;

namespace Funion.Cryptography;

/// <summary>BLAKE2b in pieces, on the stack. Wiped by <see cref="Finish"/>.</summary>
public ref struct Blake2bState
{
    Storage _storage;

    // 0 before the constructor and after Finish: libsodium ends the process when it is asked for a hash of another length.
    int _size;

    /// <summary>Begins a hash of <paramref name="size"/> bytes (1 to 64); the key has 64 bytes at most, an empty one makes it unkeyed.</summary>
    public unsafe Blake2bState(int size, scoped ReadOnlySpan<byte> key)
    {
        Libsodium.EnsureInitialized();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, Blake2b.Size512);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Blake2b.Size512);
        fixed (byte* s = Bytes, k = key)
        {
            Libsodium.crypto_generichash_blake2b_init(s, k, (nuint)key.Length, (nuint)size);
        }
        _size = size;
    }

    /// <summary>Adds data.</summary>
    public unsafe void Append(scoped ReadOnlySpan<byte> data)
    {
        ThrowIfFinished();
        fixed (byte* s = Bytes, d = data)
        {
            Libsodium.crypto_generichash_blake2b_update(s, d, (ulong)data.Length);
        }
    }

    /// <summary>Writes the hash and wipes the state.</summary>
    public unsafe void Finish(scoped Span<byte> hash)
    {
        ThrowIfFinished();
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, _size);
        fixed (byte* s = Bytes, h = hash)
        {
            Libsodium.crypto_generichash_blake2b_final(s, h, (nuint)hash.Length);
        }
        CryptographicOperations.ZeroMemory(Bytes);
        _size = 0;
    }

    readonly void ThrowIfFinished()
    {
        if (_size == 0)
        {
            throw new InvalidOperationException("The hash is finished.");
        }
    }

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    Span<byte> Bytes => MemoryMarshal.CreateSpan(ref Unsafe.As<Storage, byte>(ref _storage), Storage.Size);

    // libsodium asks for 64-byte alignment of the type but loads its words unaligned; NSec relies on the same.
    [InlineArray(Size)]
    struct Storage
    {
        public const int Size = Libsodium.crypto_generichash_blake2b_STATEBYTES;

        byte _first;
    }
}
