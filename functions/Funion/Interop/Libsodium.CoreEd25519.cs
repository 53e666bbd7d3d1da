using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>crypto_core_ed25519.h</summary>
static partial class Libsodium
{
    [LibraryImport(Library)]
    internal static unsafe partial int crypto_core_ed25519_is_valid_point(byte* point);

    [LibraryImport(Library)]
    internal static unsafe partial void crypto_core_ed25519_scalar_reduce(byte* scalar, byte* wide);

    [LibraryImport(Library)]
    internal static unsafe partial void crypto_core_ed25519_scalar_mul(byte* product, byte* left, byte* right);

    [LibraryImport(Library)]
    internal static unsafe partial void crypto_core_ed25519_scalar_add(byte* sum, byte* left, byte* right);
}
