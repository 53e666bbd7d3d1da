using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>crypto_scalarmult_ristretto255.h</summary>
static partial class Libsodium
{
    [LibraryImport(Library)]
    internal static unsafe partial int crypto_scalarmult_ristretto255(byte* result, byte* scalar, byte* point);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_scalarmult_ristretto255_base(byte* result, byte* scalar);
}
