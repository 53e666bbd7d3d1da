using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>crypto_generichash_blake2b.h</summary>
static partial class Libsodium
{
    internal const int crypto_generichash_blake2b_STATEBYTES = 384;

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_generichash_blake2b(byte* hash, nuint hashLength, byte* input, ulong inputLength, byte* key, nuint keyLength);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_generichash_blake2b_init(byte* state, byte* key, nuint keyLength, nuint hashLength);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_generichash_blake2b_update(byte* state, byte* input, ulong inputLength);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_generichash_blake2b_final(byte* state, byte* hash, nuint hashLength);

    [LibraryImport(Library)]
    internal static partial nuint crypto_generichash_blake2b_statebytes();
}
