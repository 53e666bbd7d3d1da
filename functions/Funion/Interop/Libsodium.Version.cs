using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>version.h</summary>
static partial class Libsodium
{
    /// <summary>The ABI of 1.0.18, the oldest that has everything used here.</summary>
    internal const int SODIUM_LIBRARY_VERSION_MAJOR = 10;

    [LibraryImport(Library)]
    internal static partial int sodium_library_version_major();
}
