using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>crypto_hash_sha512.h</summary>
static partial class Libsodium
{
    internal const int crypto_hash_sha512_STATEBYTES = 208;

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_hash_sha512(byte* hash, byte* input, ulong inputLength);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_hash_sha512_init(byte* state);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_hash_sha512_update(byte* state, byte* input, ulong inputLength);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_hash_sha512_final(byte* state, byte* hash);

    [LibraryImport(Library)]
    internal static partial nuint crypto_hash_sha512_statebytes();
}
