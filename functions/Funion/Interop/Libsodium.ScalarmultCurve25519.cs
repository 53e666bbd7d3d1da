using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>crypto_scalarmult_curve25519.h</summary>
static partial class Libsodium
{
    [LibraryImport(Library)]
    internal static unsafe partial int crypto_scalarmult_curve25519(byte* shared, byte* privateKey, byte* publicKey);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_scalarmult_curve25519_base(byte* publicKey, byte* privateKey);
}
