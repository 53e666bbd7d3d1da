using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>crypto_scalarmult_ed25519.h</summary>
static partial class Libsodium
{
    [LibraryImport(Library)]
    internal static unsafe partial int crypto_scalarmult_ed25519_noclamp(byte* result, byte* scalar, byte* point);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_scalarmult_ed25519_base_noclamp(byte* result, byte* scalar);
}
