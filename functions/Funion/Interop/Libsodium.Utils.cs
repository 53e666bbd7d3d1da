using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>utils.h</summary>
static partial class Libsodium
{
    [LibraryImport(Library)]
    internal static partial nint sodium_malloc(nuint size);

    [LibraryImport(Library)]
    internal static partial void sodium_free(nint pointer);
}
