using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>core.h</summary>
static partial class Libsodium
{
    [LibraryImport(Library)]
    internal static partial int sodium_init();
}
