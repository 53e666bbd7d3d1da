using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Funion.Cryptography;
using Funion.Tokens;

namespace Funion.Tests.Vectors;

/// <summary>Vectors of blind RSA and of the publicly verifiable token.</summary>
static class TokenVectors
{
    /// <summary>RFC 9474 appendix A. What it calls inv is the inverse of the blind; both ways are walked.</summary>
    public static void BlindRsa(JsonElement vector)
    {
        byte[] n = vector.Hex("n_hex"), salt = vector.Hex("salt_hex"), prepared = vector.Hex("prepared_msg_hex"), inverse = vector.Hex("inv_hex");
        Assert.Equal((byte[])[1, 0, 1], vector.Hex("e_hex"));
        Assert.Equal(prepared, (byte[])[.. vector.Hex("msg_prefix_hex"), .. vector.Hex("msg_hex")]);
        byte[] encoded = new byte[n.Length], blind = new byte[n.Length], blinded = new byte[n.Length], signature = new byte[n.Length];
        EmsaPss.Encode(prepared, salt, encoded);
        Assert.Equal(vector.Hex("encoded_msg_hex"), encoded);
        Assert.True(RsaModulus.TryCreate(n)!.TryInvert(inverse, blind));
        global::Funion.Tokens.BlindRsa rsa = global::Funion.Tokens.BlindRsa.TryCreate(n, salt.Length)!;
        byte[] again = new byte[n.Length];
        Assert.Equal(BlindOutcome.Blinded, rsa.Blind(prepared, salt, blind, blinded, again));
        Assert.Equal(vector.Hex("blinded_msg_hex"), blinded);
        Assert.Equal(inverse, again);
        if (RsaPrivateKey.IsSupported)
        {
            using RsaPrivateKey key = RsaPrivateKey.TryImport(PrivateKey(vector))!;
            Assert.True(rsa.TryBlindSign(key, blinded, signature));
            Assert.Equal(vector.Hex("blind_sig_hex"), signature);
        }
        Assert.True(rsa.TryFinalize(prepared, vector.Hex("blind_sig_hex"), inverse, signature));
        Assert.Equal(vector.Hex("sig_hex"), signature);
        Assert.True(rsa.Verify(prepared, signature));
    }

    /// <summary>RFC 9578 appendix B.2.</summary>
    public static void Type2(JsonElement vector)
    {
        byte[] challenge = vector.Hex("token_challenge_hex"), blind = vector.Hex("blind_hex");
        Assert.True(TokenKey.TryParse(vector.Hex("pkS_hex"), out TokenKey? key));
        Assert.True(TokenChallenge.TryParse(challenge, out TokenChallenge? parsed));
        Assert.Equal(challenge, parsed.ToBytes());
        using PendingToken pending = PendingToken.TryCreate(key, parsed.Digest(), vector.Hex("nonce_hex"), vector.Hex("salt_hex"), blind)!;
        Assert.Equal(vector.Hex("token_request_hex"), pending.Request);
        using RSA rsa = RSA.Create();
        rsa.ImportFromPem(Encoding.ASCII.GetString(vector.Hex("skS_hex")));
        if (RsaPrivateKey.IsSupported)
        {
            byte[] response = new byte[PendingToken.ResponseSize];
            using RsaPrivateKey secret = RsaPrivateKey.TryImport(rsa.ExportRSAPrivateKey())!;
            Assert.Equal(key.Encoded, TokenKey.OfModulus(secret.Modulus)!.Encoded);
            Assert.True(key.Rsa.TryBlindSign(secret, pending.Request.AsSpan(3), response));
            Assert.Equal(vector.Hex("token_response_hex"), response);
        }
        Assert.True(pending.TryFinish(vector.Hex("token_response_hex"), out Token? token));
        Assert.Equal(vector.Hex("token_hex"), token.ToBytes());
        Assert.Equal(TokenVerdict.Valid, token.Verify(key, parsed.Digest()));
        // The platform's own verification agrees.
        Assert.True(rsa.VerifyData(token.Input, token.Authenticator, HashAlgorithmName.SHA384, RSASignaturePadding.Pss));
    }

    /// <summary>RFC 9577 appendix A.1.</summary>
    public static void Challenge(JsonElement vector)
    {
        TokenChallenge challenge = new(vector.Hex("issuer_name_hex"), vector.Hex("redemption_context_hex"), vector.Hex("origin_info_hex"));
        Assert.Equal(
            vector.Hex("token_authenticator_input_hex"), Token.InputOf(vector.Hex("nonce_hex"), challenge.Digest(), vector.Hex("token_key_id_hex")));
        Assert.True(TokenChallenge.TryParse(challenge.ToBytes(), out TokenChallenge? parsed));
        Assert.Equal(challenge.ToBytes(), parsed.ToBytes());
    }

    static byte[] PrivateKey(JsonElement vector)
    {
        BigInteger p = Number(vector.Hex("p_hex")), q = Number(vector.Hex("q_hex")), d = Number(vector.Hex("d_hex"));
        byte[] n = vector.Hex("n_hex");
        int half = n.Length / 2;
        // Fermat: q^(p-2) is the inverse of q modulo the prime p.
        using RSA rsa = RSA.Create(new RSAParameters
        {
            Modulus = n, Exponent = vector.Hex("e_hex"), D = Bytes(d, n.Length), P = Bytes(p, half), Q = Bytes(q, half), DP = Bytes(d % (p - 1), half),
            DQ = Bytes(d % (q - 1), half), InverseQ = Bytes(BigInteger.ModPow(q, p - 2, p), half),
        });
        return rsa.ExportRSAPrivateKey();
    }

    static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    static byte[] Bytes(BigInteger value, int size)
    {
        byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[size - bytes.Length], .. bytes];
    }
}
