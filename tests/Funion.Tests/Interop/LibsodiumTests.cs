using System.Reflection;
using System.Runtime.InteropServices;
using Funion.Interop;

namespace Funion.Tests.Interop;

/// <summary>The manifest of what is imported from libsodium: nothing comes in that a reviewer has not seen here.</summary>
public sealed class LibsodiumTests
{
    static readonly string[] s_manifest =
    [
        "crypto_aead_chacha20poly1305_ietf_decrypt",
        "crypto_aead_chacha20poly1305_ietf_encrypt",
        "crypto_core_ed25519_is_valid_point",
        "crypto_core_ed25519_scalar_add",
        "crypto_core_ed25519_scalar_mul",
        "crypto_core_ed25519_scalar_reduce",
        "crypto_core_ristretto255_add",
        "crypto_core_ristretto255_from_hash",
        "crypto_core_ristretto255_is_valid_point",
        "crypto_core_ristretto255_scalar_random",
        "crypto_core_ristretto255_sub",
        "crypto_generichash_blake2b",
        "crypto_generichash_blake2b_final",
        "crypto_generichash_blake2b_init",
        "crypto_generichash_blake2b_statebytes",
        "crypto_generichash_blake2b_update",
        "crypto_hash_sha512",
        "crypto_hash_sha512_final",
        "crypto_hash_sha512_init",
        "crypto_hash_sha512_statebytes",
        "crypto_hash_sha512_update",
        "crypto_scalarmult_curve25519",
        "crypto_scalarmult_curve25519_base",
        "crypto_scalarmult_ed25519_base_noclamp",
        "crypto_scalarmult_ed25519_noclamp",
        "crypto_scalarmult_ristretto255",
        "crypto_scalarmult_ristretto255_base",
        "crypto_sign_ed25519_detached",
        "crypto_sign_ed25519_seed_keypair",
        "crypto_sign_ed25519_verify_detached",
        "sodium_free",
        "sodium_init",
        "sodium_library_version_major",
        "sodium_malloc",
    ];

    [Fact]
    public void The_imports_are_those_of_the_manifest()
    {
        string[] imports = [.. typeof(Libsodium)
            .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Select(method => method.Name)
            .Where(name => name.StartsWith("crypto_", StringComparison.Ordinal) || name.StartsWith("sodium_", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
        Assert.Equal(s_manifest, imports);
    }

    [Fact]
    public void The_library_exports_every_import()
    {
        Libsodium.EnsureInitialized();
        nint library = ((string[])["libsodium.so.23", "libsodium.so.26", "libsodium", "libsodium.23.dylib", "libsodium.26.dylib"])
            .Select(name => NativeLibrary.TryLoad(name, typeof(Libsodium).Assembly, null, out nint handle) ? handle : 0)
            .First(handle => handle != 0);
        Assert.All(s_manifest, name => Assert.True(NativeLibrary.TryGetExport(library, name, out _), name));
    }

    [Fact]
    public void Each_file_names_its_one_header()
    {
        foreach (string path in Architecture.Repository.Sources("functions/Funion/Interop"))
        {
            string text = File.ReadAllText(path), name = Path.GetFileNameWithoutExtension(path);
            if (name is not ("Libsodium" or "Libcrypto"))
            {
                Assert.Single(System.Text.RegularExpressions.Regex.Matches(text, @"<summary>\w+\.h</summary>"));
            }
        }
    }
}
