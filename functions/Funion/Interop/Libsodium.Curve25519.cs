using System.Runtime.InteropServices;

namespace Funion.Interop;

/// <summary>crypto_scalarmult_curve25519.h, crypto_scalarmult_ed25519.h, crypto_core_ed25519.h and crypto_sign_ed25519.h.</summary>
static partial class Libsodium
{
    [LibraryImport(Library)]
    internal static unsafe partial int crypto_scalarmult_curve25519(byte* shared, byte* privateKey, byte* publicKey);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_scalarmult_curve25519_base(byte* publicKey, byte* privateKey);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_scalarmult_ed25519_noclamp(byte* result, byte* scalar, byte* point);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_scalarmult_ed25519_base_noclamp(byte* result, byte* scalar);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_core_ed25519_is_valid_point(byte* point);

    [LibraryImport(Library)]
    internal static unsafe partial void crypto_core_ed25519_scalar_reduce(byte* scalar, byte* wide);

    [LibraryImport(Library)]
    internal static unsafe partial void crypto_core_ed25519_scalar_mul(byte* product, byte* left, byte* right);

    [LibraryImport(Library)]
    internal static unsafe partial void crypto_core_ed25519_scalar_add(byte* sum, byte* left, byte* right);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_sign_ed25519_seed_keypair(byte* publicKey, byte* secretKey, byte* seed);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_sign_ed25519_detached(
        byte* signature, ulong* signatureLength, byte* message, ulong messageLength, byte* secretKey);

    [LibraryImport(Library)]
    internal static unsafe partial int crypto_sign_ed25519_verify_detached(byte* signature, byte* message, ulong messageLength, byte* publicKey);
}
