using System.Reflection;
using System.Runtime.InteropServices;
using Funion.Interop;

namespace Funion.Tests.Interop;

/// <summary>The manifest of what is imported from libcrypto.</summary>
public sealed class LibcryptoTests
{
    static readonly string[] s_manifest =
    [
        "ERR_clear_error",
        "EVP_PKEY_CTX_ctrl",
        "EVP_PKEY_CTX_free",
        "EVP_PKEY_CTX_new",
        "EVP_PKEY_decrypt",
        "EVP_PKEY_decrypt_init",
        "EVP_PKEY_free",
        "OpenSSL_version_num",
        "d2i_PrivateKey",
    ];

    [Fact]
    public void The_imports_are_those_of_the_manifest_and_the_library_exports_them()
    {
        string[] imports = [.. typeof(Libcrypto).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Select(method => method.Name).Where(name => name.Contains('_', StringComparison.Ordinal) && !name.Contains('<', StringComparison.Ordinal))
            .Where(name => !name.StartsWith("get_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(s_manifest, imports);
        if (Libcrypto.IsAvailable)
        {
            Assert.All(s_manifest, name => Assert.True(NativeLibrary.TryGetExport(Libcrypto.Handle, name, out _), name));
        }
    }
}
