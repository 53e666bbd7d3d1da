using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>crypto_core_ristretto255.h</summary>
static partial class Libsodium
{
    [LibraryImport(Library)]
    internal static unsafe partial int crypto_core_ristretto255_is_valid_point(byte* point);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_core_ristretto255_add(byte* sum, byte* left, byte* right);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_core_ristretto255_sub(byte* difference, byte* left, byte* right);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_core_ristretto255_from_hash(byte* point, byte* hash);

    [LibraryImport(Library)]
    internal static unsafe partial void crypto_core_ristretto255_scalar_random(byte* scalar);
}
