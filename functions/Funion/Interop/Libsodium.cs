using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Funion.Interop;

/// <summary>
/// libsodium: the only native library of the protocol, but for an issuer's <see cref="Libcrypto"/>. Debian's libsodium23 (1.0.18) or newer, or the one that NSec.Cryptography carries.
/// One file per header; the C names are kept, so that a reader finds each in libsodium's manual.
/// </summary>
static partial class Libsodium
{
    const string Library = "libsodium";

    static readonly string[] s_names = ["libsodium.so.23", "libsodium.so.26", "libsodium", "libsodium.23.dylib", "libsodium.26.dylib"];

    static Libsodium()
    {
        NativeLibrary.SetDllImportResolver(typeof(Libsodium).Assembly, Resolve);
        if (sodium_init() < 0)
        {
            throw new DllNotFoundException("libsodium could not be initialised.");
        }
        // The states live in memory of our own: a library that needs more than this would write past it.
        if (sodium_library_version_major() < SODIUM_LIBRARY_VERSION_MAJOR
            || crypto_generichash_blake2b_statebytes() > crypto_generichash_blake2b_STATEBYTES
            || crypto_hash_sha512_statebytes() != crypto_hash_sha512_STATEBYTES)
        {
            throw new DllNotFoundException("This libsodium is older than 1.0.18, or built differently.");
        }
    }

    /// <summary>Loads and initialises the library; every type that calls it does so from its own static constructor.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void EnsureInitialized()
    {
    }

    static nint Resolve(string name, System.Reflection.Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return name == Libcrypto.Library ? Libcrypto.Handle : 0;
        }
        foreach (string candidate in s_names)
        {
            if (NativeLibrary.TryLoad(candidate, assembly, path, out nint handle))
            {
                return handle;
            }
        }
        throw new DllNotFoundException("libsodium is missing. On Debian: apt-get install libsodium23, or run 'make setup'.");
    }
}
