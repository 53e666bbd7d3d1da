using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>err.h</summary>
static partial class Libcrypto
{
    /// <summary>What a refused input left in the thread's queue would be blamed on .NET's own next call.</summary>
    [LibraryImport(Library)]
    internal static partial void ERR_clear_error();
}
