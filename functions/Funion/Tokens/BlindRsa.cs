using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Tokens;

/// <summary>
/// RSA blind signatures: the signer signs a message without seeing it, and cannot tell later which of its signatures this is.
/// <code>
/// client                                            issuer
/// z = EMSA-PSS(msg, salt) · r^e mod n     ──►
///                                         ◄──       s' = z^d mod n
/// sig = s' · r^-1 mod n, verified
/// </code>
/// A message must have high entropy (a token has a random nonce), or be prepared with <see cref="PrepareRandomize"/> (RFC 9474 section 7.3).
/// <list type="bullet">
/// <item>References: RFC 9474; PSS: RFC 8017 section 9.1.</item>
/// <item>Parameters: SHA-384, MGF1 with SHA-384, e = 65537, salt 48 bytes (PSS) or none (PSSZERO), modulus 2048 to 4096 bits.</item>
/// </list>
/// </summary>
public sealed class BlindRsa
{
    /// <summary>Length of the salt of the PSS variants in bytes.</summary>
    public const int PssSaltSize = 48;

    /// <summary>Bytes that <see cref="PrepareRandomize"/> puts before a message.</summary>
    public const int PrefixSize = 32;

    const int MostDraws = 8;

    readonly RsaModulus _modulus;
    readonly int _saltSize;

    BlindRsa(RsaModulus modulus, int saltSize)
    {
        _modulus = modulus;
        _saltSize = saltSize;
    }

    /// <summary>Length of blinded messages, inverses and signatures in bytes.</summary>
    public int Size => _modulus.Size;

    /// <summary>For an issuer's modulus, big-endian; null for one that cannot be sound: even, too short or too long.</summary>
    public static BlindRsa? TryCreate(ReadOnlySpan<byte> modulus, int saltSize = PssSaltSize)
    {
        if (saltSize is not (0 or PssSaltSize))
        {
            throw new ArgumentOutOfRangeException(nameof(saltSize));
        }
        return RsaModulus.TryCreate(modulus) is { } sound ? new BlindRsa(sound, saltSize) : null;
    }

    /// <summary>PrepareRandomize of RFC 9474 section 4.1: what the Randomized variants sign. PrepareIdentity is the message itself.</summary>
    public static byte[] PrepareRandomize(ReadOnlySpan<byte> message)
    {
        byte[] prepared = new byte[PrefixSize + message.Length];
        RandomNumberGenerator.Fill(prepared.AsSpan(0, PrefixSize));
        message.CopyTo(prepared.AsSpan(PrefixSize));
        return prepared;
    }

    /// <summary>Blinds a prepared message. Whoever knows the inverse can link the signature to its issuance: the caller wipes it.</summary>
    public BlindOutcome Blind(ReadOnlySpan<byte> prepared, Span<byte> blinded, Span<byte> inverse)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(_saltSize), blind = new byte[Size];
        try
        {
            BlindOutcome outcome = BlindOutcome.BlindingError;
            for (int i = 0; i < MostDraws && outcome == BlindOutcome.BlindingError; i++)
            {
                _modulus.Draw(blind);
                outcome = Blind(prepared, salt, blind, blinded, inverse);
            }
            return outcome;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(salt);
            CryptographicOperations.ZeroMemory(blind);
        }
    }

    /// <summary>Unblinds what the issuer sent back, and verifies it; false when it is no signature.</summary>
    public bool TryFinalize(ReadOnlySpan<byte> prepared, ReadOnlySpan<byte> blindSignature, ReadOnlySpan<byte> inverse, Span<byte> signature)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(inverse.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(signature.Length, Size);
        if (blindSignature.Length != Size || !_modulus.IsReduced(blindSignature))
        {
            signature.Clear();
            return false;
        }
        _modulus.Multiply(blindSignature, inverse, signature);
        if (Verify(prepared, signature))
        {
            return true;
        }
        signature.Clear();
        return false;
    }

    /// <summary>RSASSA-PSS-VERIFY of RFC 8017 section 8.1.2.</summary>
    public bool Verify(ReadOnlySpan<byte> prepared, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != Size || !_modulus.IsReduced(signature))
        {
            return false;
        }
        Span<byte> encoded = stackalloc byte[Size];
        _modulus.Power65537(signature, encoded);
        return EmsaPss.Verify(prepared, encoded, _saltSize);
    }

    /// <summary>Whether a message representative is one that can be signed.</summary>
    public bool IsBelowModulus(ReadOnlySpan<byte> representative) => representative.Length == Size && _modulus.IsReduced(representative);

    /// <summary>
    /// BlindSign of RFC 9474 section 4.3, the issuer's part: signs, and looks at the result, for one faulty signature gives the key away.
    /// </summary>
    public bool TryBlindSign(RsaPrivateKey key, ReadOnlySpan<byte> blinded, Span<byte> blindSignature)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfNotEqual(blindSignature.Length, Size);
        if (blinded.Length != Size || !_modulus.IsReduced(blinded) || !key.TrySign(blinded, blindSignature))
        {
            blindSignature.Clear();
            return false;
        }
        Span<byte> check = stackalloc byte[Size];
        _modulus.Power65537(blindSignature, check);
        if (CryptographicOperations.FixedTimeEquals(check, blinded))
        {
            return true;
        }
        blindSignature.Clear();
        return false;
    }

    /// <summary>With a given salt and blind; the blind is below the modulus.</summary>
    internal BlindOutcome Blind(ReadOnlySpan<byte> prepared, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> blind, Span<byte> blinded, Span<byte> inverse)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(salt.Length, _saltSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(blinded.Length, Size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(inverse.Length, Size);
        if (!_modulus.TryInvert(blind, inverse))
        {
            blinded.Clear();
            inverse.Clear();
            return BlindOutcome.BlindingError;
        }
        Span<byte> encoded = stackalloc byte[Size], power = stackalloc byte[Size];
        EmsaPss.Encode(prepared, salt, encoded);
        _modulus.Power65537(blind, power);
        _modulus.Multiply(encoded, power, blinded);
        encoded.Clear();
        power.Clear();
        // The blind has an inverse, so a common factor would be the message's. Asked of the product, which the issuer sees anyway.
        if (_modulus.IsCoprime(blinded))
        {
            return BlindOutcome.Blinded;
        }
        blinded.Clear();
        inverse.Clear();
        return BlindOutcome.InvalidInput;
    }
}
