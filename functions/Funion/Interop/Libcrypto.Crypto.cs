using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>crypto.h</summary>
static partial class Libcrypto
{
    internal const nuint OPENSSL_VERSION_1_1_1 = 0x10101000;

    [LibraryImport(Library)]
    internal static partial nuint OpenSSL_version_num();
}
