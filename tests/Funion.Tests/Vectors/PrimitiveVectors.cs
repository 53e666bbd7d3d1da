using System.Runtime.Intrinsics;
using System.Text.Json;
using Funion.Cryptography;
using Funion.Interop;

namespace Funion.Tests.Vectors;

/// <summary>Vectors of the primitives. Every kernel runs with and without the processor's instructions.</summary>
static class PrimitiveVectors
{
    public static void AesGcmSiv(JsonElement vector)
    {
        byte[] key = vector.Hex("key_hex"), nonce = vector.Hex("nonce_hex"), aad = vector.Hex("aad_hex"), plaintext = vector.Hex("plaintext_hex");
        byte[] expected = vector.Hex("ciphertext_hex");
        foreach (bool portable in (bool[])[false, true])
        {
            byte[] ciphertext = new byte[plaintext.Length + 16];
            global::Funion.Cryptography.AesGcmSiv.Encrypt(key, nonce, aad, plaintext, ciphertext, portable);
            Assert.Equal(expected, ciphertext);
            byte[] opened = new byte[plaintext.Length];
            Assert.True(global::Funion.Cryptography.AesGcmSiv.Decrypt(key, nonce, aad, ciphertext, opened, portable));
            Assert.Equal(plaintext, opened);
        }
    }

    public static void Hkdf(JsonElement vector)
    {
        byte[] okm = new byte[vector.Number("length")];
        HkdfBlake2b.DeriveKey(vector.Hex("secret_hex"), vector.Hex("salt_hex"), vector.Hex("info_hex"), okm);
        Assert.Equal(vector.Hex("okm_hex"), okm);
    }

    public static unsafe void Sha512(JsonElement vector)
    {
        byte[] message = Message(vector), hash = new byte[64];
        Libsodium.EnsureInitialized();
        fixed (byte* h = hash, m = message)
        {
            Assert.Equal(0, Libsodium.crypto_hash_sha512(h, m, (ulong)message.Length));
        }
        Assert.Equal(Digest(vector), hash);
    }

    public static void Sha512_256(JsonElement vector)
    {
        byte[] hash = new byte[32];
        global::Funion.Cryptography.Sha512_256.Hash(Message(vector), hash);
        Assert.Equal(Digest(vector), hash);
    }

    public static void Blake2b256(JsonElement vector)
    {
        byte[] hash = new byte[32], key = vector.Hex("key_hex");
        if (key.Length == 0)
        {
            Blake2b.Hash256(Message(vector), hash);
        }
        else
        {
            Blake2b.Mac256(key, Message(vector), hash);
        }
        Assert.Equal(Digest(vector), hash);
    }

    public static void Blake2b512(JsonElement vector)
    {
        byte[] hash = new byte[64];
        Blake2b.Hash512(Message(vector), hash);
        Assert.Equal(Digest(vector), hash);
    }

    /// <summary>A vector without a seed is for verifiers only.</summary>
    public static void Ed25519(JsonElement vector)
    {
        byte[] publicKey = vector.Hex("public_key_hex", "pubkey_hex"), message = Message(vector), signature = vector.Hex("signature_hex");
        Assert.True(global::Funion.Cryptography.Ed25519.Verify(publicKey, message, signature));
        signature[0] ^= 1;
        Assert.False(global::Funion.Cryptography.Ed25519.Verify(publicKey, message, signature));
        byte[] key = vector.Hex("seed_hex", "private_key_hex");
        if (key.Length > 0)
        {
            byte[] seed = key[..32], derived = new byte[32], signed = new byte[64];
            global::Funion.Cryptography.Ed25519.PublicKey(seed, derived);
            Assert.Equal(publicKey, derived);
            global::Funion.Cryptography.Ed25519.Sign(seed, publicKey, message, signed);
            Assert.Equal(vector.Hex("signature_hex"), signed);
        }
    }

    public static void BlindedEd25519(JsonElement vector)
    {
        byte[] key = vector.Hex("private_key_hex"), message = vector.Hex("message_hex");
        byte[] scalar = new byte[32], publicKey = key[32..], signature = new byte[64], derived = new byte[32];
        global::Funion.Cryptography.BlindedEd25519.PrivateScalar(key.AsSpan(0, 32), scalar);
        foreach (JsonElement factor in vector.GetProperty("blind_factors_hex").EnumerateArray())
        {
            byte[] bytes = Convert.FromHexString(factor.GetString()!), next = new byte[32];
            Assert.True(global::Funion.Cryptography.BlindedEd25519.BlindPublicKey(publicKey, bytes, next));
            publicKey = next;
            next = new byte[32];
            global::Funion.Cryptography.BlindedEd25519.BlindPrivateScalar(scalar, bytes, next);
            scalar = next;
        }
        Assert.Equal(vector.Hex("blinded_pubkey_hex"), publicKey);
        global::Funion.Cryptography.BlindedEd25519.PublicKey(scalar, derived);
        Assert.Equal(publicKey, derived);
        global::Funion.Cryptography.BlindedEd25519.Sign(scalar, publicKey, message, signature);
        Assert.Equal(vector.Hex("blinded_signature_hex"), signature);
        Assert.True(global::Funion.Cryptography.Ed25519.Verify(publicKey, message, signature));
    }

    public static void Aes256(JsonElement vector)
    {
        Vector128<byte> plaintext = Vector128.Create(vector.Hex("plaintext_hex")), ciphertext = Vector128.Create(vector.Hex("ciphertext_hex"));
        foreach (bool portable in (bool[])[false, true])
        {
            Aes256 aes = new(vector.Hex("key_hex"), portable);
            Assert.Equal(ciphertext, aes.Encrypt(plaintext));
            Assert.Equal(plaintext, aes.Decrypt(ciphertext));
        }
    }

    public static void Aes256Ctr(JsonElement vector)
    {
        byte[] data = vector.Hex("plaintext_hex");
        global::Funion.Cryptography.Aes256Ctr.Xor(vector.Hex("key_hex"), vector.Hex("iv_hex"), data);
        Assert.Equal(vector.Hex("ciphertext_hex"), data);
    }

    public static void Polyval(JsonElement vector)
    {
        foreach (bool portable in (bool[])[false, true])
        {
            Polyval hash = new(Vector128.Create(vector.Hex("key_hex")), portable);
            hash.AppendPadded(vector.Hex("input_hex"));
            Assert.Equal(Vector128.Create(vector.Hex("hash_hex")), hash.Hash);
        }
    }

    public static void Hctr2(JsonElement vector)
    {
        foreach (bool portable in (bool[])[false, true])
        {
            byte[] message = vector.Hex("plaintext_hex"), tweak = vector.Hex("tweak_hex"), key = vector.Hex("key_hex");
            global::Funion.Cryptography.Hctr2.Transform(key, tweak, message, decrypt: false, portable);
            Assert.Equal(vector.Hex("ciphertext_hex"), message);
            global::Funion.Cryptography.Hctr2.Transform(key, tweak, message, decrypt: true, portable);
            Assert.Equal(vector.Hex("plaintext_hex"), message);
        }
    }

    public static void X25519(JsonElement vector)
    {
        byte[] shared = new byte[32];
        Assert.True(global::Funion.Cryptography.X25519.Agree(vector.Hex("private_key_hex"), vector.Hex("public_key_hex"), shared));
        Assert.Equal(vector.Hex("shared_secret_hex"), shared);
    }

    static byte[] Message(JsonElement vector) => vector.Hex("message_hex", "input_hex", "msg_hex", "data_hex");

    static byte[] Digest(JsonElement vector) => vector.Hex("digest_hex", "output_hex", "hash_hex", "expected_hex");
}
