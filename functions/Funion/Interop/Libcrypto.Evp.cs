using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>evp.h</summary>
static partial class Libcrypto
{
    internal const int EVP_PKEY_RSA = 6;

    [LibraryImport(Library)]
    internal static unsafe partial nint d2i_PrivateKey(int type, nint* key, byte** input, CLong length);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    internal static partial nint EVP_PKEY_CTX_new(nint key, nint engine);

    [LibraryImport(Library)]
    internal static partial void EVP_PKEY_CTX_free(nint context);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_CTX_ctrl(nint context, int keyType, int operation, int command, int p1, nint p2);

    [LibraryImport(Library)]
    internal static partial int EVP_PKEY_decrypt_init(nint context);

    [LibraryImport(Library)]
    internal static unsafe partial int EVP_PKEY_decrypt(nint context, byte* output, nuint* outputLength, byte* input, nuint inputLength);
}
