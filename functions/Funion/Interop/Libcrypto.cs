using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>
/// OpenSSL's libcrypto, 1.1.1 or newer, for one thing only: the issuer's RSA operation without padding, which .NET does not offer. No client and no
/// other node needs it. One file per header; the C names are kept.
/// </summary>
static partial class Libcrypto
{
    internal const string Library = "libcrypto";

    // No name without a version: macOS ends a process that loads its own libcrypto.dylib.
    static readonly string[] s_names = ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib", "libcrypto.1.1.dylib"];

    static readonly Lazy<nint> s_handle = new(Load);

    /// <summary>Whether this machine can issue tokens.</summary>
    internal static bool IsAvailable => s_handle.Value != 0;

    /// <summary>The loaded library, for the assembly's resolver.</summary>
    internal static nint Handle => IsAvailable ? s_handle.Value : throw new DllNotFoundException(Missing);

    static string Missing => "OpenSSL's libcrypto (1.1.1 or 3) is missing, without which no tokens can be issued. On Debian: apt-get install libssl3.";

    /// <exception cref="PlatformNotSupportedException">There is no usable libcrypto.</exception>
    internal static void EnsureAvailable()
    {
        // Its static constructor sets the resolver, of which an assembly has one.
        Libsodium.EnsureInitialized();
        if (!IsAvailable)
        {
            throw new PlatformNotSupportedException(Missing);
        }
        if (OpenSSL_version_num() < OPENSSL_VERSION_1_1_1)
        {
            throw new PlatformNotSupportedException("This libcrypto is older than OpenSSL 1.1.1.");
        }
    }

    static nint Load()
    {
        foreach (string name in s_names)
        {
            if (!OperatingSystem.IsWindows() && NativeLibrary.TryLoad(name, typeof(Libcrypto).Assembly, null, out nint handle))
            {
                return handle;
            }
        }
        return 0;
    }
}
