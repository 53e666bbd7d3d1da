using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Interop;

namespace Funion.Cryptography;

/// <summary>
/// An RSA private key for RSASP1 alone: s = m^d mod n, no padding. libcrypto does it: constant-time, blinded, with the Chinese remainder's result
/// checked. A secret exponent never meets <see cref="System.Numerics.BigInteger"/>, whose time depends on it.
/// <list type="bullet">
/// <item>References: RFC 8017 section 5.2.1.</item>
/// <item>Parameters: modulus 2048 bits or more in whole bytes; input and output as long as the modulus.</item>
/// </list>
/// </summary>
public sealed class RsaPrivateKey : SafeHandle
{
    RsaPrivateKey(nint key, byte[] modulus) : base(0, ownsHandle: true)
    {
        SetHandle(key);
        Modulus = modulus;
    }

    /// <summary>Whether this machine has the library that private operations need.</summary>
    public static bool IsSupported => Libcrypto.IsAvailable;

    /// <summary>Public: n, big-endian.</summary>
    public byte[] Modulus { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Makes a key with e = 65537 and gives its DER, RSAPrivateKey of RFC 8017 appendix A.1.2. The caller wipes it.</summary>
    public static byte[] Generate(int bits)
    {
        using RSA rsa = RSA.Create(bits);
        return rsa.ExportRSAPrivateKey();
    }

    /// <summary>Takes a key's DER; null for anything that is no key, or whose public exponent is not 65537.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libcrypto.</exception>
    public static unsafe RsaPrivateKey? TryImport(ReadOnlySpan<byte> der)
    {
        Libcrypto.EnsureAvailable();
        if (ModulusOf(der) is not { } modulus)
        {
            return null;
        }
        fixed (byte* start = der)
        {
            byte* input = start;
            nint key = Libcrypto.d2i_PrivateKey(Libcrypto.EVP_PKEY_RSA, null, &input, new CLong(der.Length));
            Libcrypto.ERR_clear_error();
            return key == 0 ? null : new RsaPrivateKey(key, modulus);
        }
    }

    /// <summary>s = m^d mod n; false when m is not below n, or the operation fails.</summary>
    public unsafe bool TrySign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(message.Length, Modulus.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(signature.Length, Modulus.Length);
        bool held = false, signed = false;
        DangerousAddRef(ref held);
        nint context = Libcrypto.EVP_PKEY_CTX_new(handle, 0);
        try
        {
            // RSADP and RSASP1 are one operation (RFC 8017 sections 5.1.2 and 5.2.1).
            if (context != 0 && Libcrypto.EVP_PKEY_decrypt_init(context) == 1
                && Libcrypto.EVP_PKEY_CTX_ctrl(context, Libcrypto.EVP_PKEY_RSA, -1, Libcrypto.EVP_PKEY_CTRL_RSA_PADDING, Libcrypto.RSA_NO_PADDING, 0) == 1)
            {
                nuint length = (nuint)signature.Length;
                fixed (byte* m = message, s = signature)
                {
                    signed = Libcrypto.EVP_PKEY_decrypt(context, s, &length, m, (nuint)message.Length) == 1 && length == (nuint)signature.Length;
                }
            }
        }
        finally
        {
            Libcrypto.ERR_clear_error();
            Libcrypto.EVP_PKEY_CTX_free(context);
            DangerousRelease();
        }
        if (!signed)
        {
            signature.Clear();
        }
        return signed;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Libcrypto.EVP_PKEY_free(handle);
        return true;
    }

    static byte[]? ModulusOf(ReadOnlySpan<byte> der)
    {
        try
        {
            using RSA rsa = RSA.Create();
            rsa.ImportRSAPrivateKey(der, out int read);
            RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: false);
            return read == der.Length && parameters.Exponent.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[1, 0, 1]) ? parameters.Modulus : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
