using System.Numerics;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Tokens;

namespace Funion.Tests.Tokens;

public sealed class BlindRsaTests
{
    readonly Random _random = new(5);

    [Theory]
    [InlineData(256)]
    [InlineData(384)]
    [InlineData(512)]
    public void Arithmetic_agrees_with_the_platform_s(int size)
    {
        byte[] n = Modulus(size);
        RsaModulus modulus = RsaModulus.TryCreate(n)!;
        BigInteger value = Number(n);
        byte[] result = new byte[size];
        BigInteger[] edges = [0, 1, 2, value - 1, value - 2, (BigInteger.One << (8 * size - 1)) - 1];
        foreach (BigInteger a in edges.Concat(Enumerable.Range(0, 30).Select(_ => Number(Random(size)) % value)))
        {
            foreach (BigInteger b in (BigInteger[])[0, 1, value - 1, Number(Random(size)) % value])
            {
                modulus.Multiply(Bytes(a, size), Bytes(b, size), result);
                Assert.Equal(a * b % value, Number(result));
            }
            modulus.Power65537(Bytes(a, size), result);
            Assert.Equal(BigInteger.ModPow(a, 65537, value), Number(result));
            bool inverted = modulus.TryInvert(Bytes(a, size), result);
            // A modulus with small factors, as these have, may fail on the mask's account; an issuer's does not.
            Assert.True(!inverted || (Number(result) * a % value == 1 && BigInteger.GreatestCommonDivisor(a, value).IsOne));
        }
    }

    [Fact]
    public void Whatever_is_drawn_has_an_inverse_under_a_sound_key()
    {
        RsaModulus modulus = RsaModulus.TryCreate(ModulusOfKey())!;
        byte[] drawn = new byte[256], inverse = new byte[256], product = new byte[256];
        for (int trial = 0; trial < 50; trial++)
        {
            modulus.Draw(drawn);
            Assert.True(modulus.IsReduced(drawn));
            Assert.True(modulus.TryInvert(drawn, inverse));
            modulus.Multiply(drawn, inverse, product);
            Assert.Equal(BigInteger.One, Number(product));
        }
        Assert.False(modulus.TryInvert(new byte[256], inverse));
    }

    [Fact]
    public void A_modulus_that_cannot_be_sound_is_refused()
    {
        byte[] n = Modulus(256);
        Assert.NotNull(RsaModulus.TryCreate(n));
        Assert.Null(RsaModulus.TryCreate([.. n[..^1], (byte)(n[^1] & 0xfe)]));
        Assert.Null(RsaModulus.TryCreate([0x7f, .. n[1..]]));
        Assert.Null(RsaModulus.TryCreate(n.AsSpan(0, 248)));
        Assert.Null(RsaModulus.TryCreate(n.AsSpan(0, 255)));
        Assert.Null(RsaModulus.TryCreate([]));
        Assert.Null(RsaModulus.TryCreate([.. n, .. n, .. n]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlindRsa.TryCreate(n, 20));
    }

    [Theory]
    [InlineData(48, false)]
    [InlineData(48, true)]
    [InlineData(0, false)]
    [InlineData(0, true)]
    public void What_is_blinded_signed_and_finalized_verifies_and_the_platform_agrees(int salt, bool randomized)
    {
        BlindRsa rsa = BlindRsa.TryCreate(TokenStage.Key.PublicKey.Encoded.AsSpan(81, 256), salt)!;
        using RsaPrivateKey key = RsaPrivateKey.TryImport(TokenStage.Key.Der.Span)!;
        byte[] prepared = randomized ? BlindRsa.PrepareRandomize("a letter"u8) : Random(40);
        byte[] blinded = new byte[256], inverse = new byte[256], response = new byte[256], signature = new byte[256];
        Assert.Equal(BlindOutcome.Blinded, rsa.Blind(prepared, blinded, inverse));
        Assert.True(rsa.TryBlindSign(key, blinded, response));
        Assert.True(rsa.TryFinalize(prepared, response, inverse, signature));
        Assert.True(rsa.Verify(prepared, signature));
        Assert.False(rsa.Verify([.. prepared, 0], signature));
        using RSA platform = RSA.Create();
        platform.ImportRSAPrivateKey(TokenStage.Key.Der.Span, out _);
        if (salt == 48)
        {
            Assert.True(platform.VerifyData(prepared, signature, HashAlgorithmName.SHA384, RSASignaturePadding.Pss));
            Assert.True(rsa.Verify(prepared, platform.SignData(prepared, HashAlgorithmName.SHA384, RSASignaturePadding.Pss)));
            // Another salt length is another scheme.
            Assert.False(BlindRsa.TryCreate(ModulusOfKey(), 0)!.Verify(prepared, signature));
        }
        response[_random.Next(256)] ^= 1;
        Assert.False(rsa.TryFinalize(prepared, response, inverse, signature));
        Assert.False(signature.AsSpan().ContainsAnyExcept((byte)0));
        Assert.False(rsa.TryFinalize(prepared, response.AsSpan(1), inverse, signature));
    }

    [Fact]
    public void What_is_not_below_the_modulus_is_neither_signed_nor_taken()
    {
        byte[] n = ModulusOfKey(), over = [.. Enumerable.Repeat((byte)0xff, 256)], output = new byte[256];
        using RsaPrivateKey key = RsaPrivateKey.TryImport(TokenStage.Key.Der.Span)!;
        BlindRsa rsa = TokenStage.Key.PublicKey.Rsa;
        foreach (byte[] input in (byte[][])[n, over])
        {
            Assert.False(key.TrySign(input, output));
            Assert.False(rsa.TryBlindSign(key, input, output));
            Assert.False(rsa.Verify("m"u8, input));
            Assert.False(rsa.TryFinalize("m"u8, input, new byte[256], output));
        }
        Assert.False(rsa.Verify("m"u8, new byte[256]));
        // A refused input leaves nothing behind for the platform's own next call.
        using RSA platform = RSA.Create(2048);
        Assert.True(platform.VerifyData("m"u8, platform.SignData("m"u8, HashAlgorithmName.SHA384, RSASignaturePadding.Pss), HashAlgorithmName.SHA384, RSASignaturePadding.Pss));
    }

    [Fact]
    public void A_modulus_made_of_small_factors_ends_in_an_outcome()
    {
        // 3·5·7·11·13·…: hardly anything has an inverse.
        byte[] blinded = new byte[256], inverse = new byte[256];
        BlindRsa rsa = BlindRsa.TryCreate(Bytes(Smooth(), 256))!;
        // One number in six has an inverse, by chance; the tries are so many that each outcome comes.
        Assert.Contains(Enumerable.Range(0, 100), _ => rsa.Blind(Random(40), blinded, inverse) == BlindOutcome.BlindingError);
        Assert.Contains(Enumerable.Range(0, 1_000), _ => rsa.Blind(Random(40), new byte[48], Bytes(1, 256), blinded, inverse) == BlindOutcome.InvalidInput);
        Assert.Equal(BlindOutcome.BlindingError, rsa.Blind(Random(40), new byte[48], Bytes(3, 256), blinded, inverse));
        Assert.False(inverse.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void A_private_key_that_is_none_is_refused()
    {
        byte[] der = TokenStage.Key.Der.Span.ToArray();
        Assert.Null(RsaPrivateKey.TryImport([]));
        Assert.Null(RsaPrivateKey.TryImport([.. der, 0]));
        Assert.Null(RsaPrivateKey.TryImport(der.AsSpan(0, der.Length - 1)));
        for (int trial = 0; trial < 300; trial++)
        {
            byte[] bytes = [.. der];
            bytes[_random.Next(trial % 2 == 0 ? 32 : bytes.Length)] ^= (byte)_random.Next(1, 256);
            Assert.Null(Record.Exception(() => RsaPrivateKey.TryImport(bytes)?.Dispose()));
        }
    }

    static byte[] ModulusOfKey() => TokenStage.Key.PublicKey.Encoded[81..337];

    /// <summary>2048 bits, a product of the small odd primes and one odd factor more.</summary>
    static BigInteger Smooth()
    {
        int[] primes = [.. Enumerable.Range(3, 1_200).Where(p => p % 2 == 1 && Enumerable.Range(2, (int)Math.Sqrt(p) - 1).All(d => p % d != 0))];
        BigInteger n = primes.Aggregate(BigInteger.One, (product, p) => (product * p).GetBitLength() <= 1_900 ? product * p : product);
        // A factor of the length that is missing, odd.
        n *= (((BigInteger.One << 2047) / n) + 1) | 1;
        Assert.Equal(2048, n.GetBitLength());
        return n;
    }

    byte[] Random(int size)
    {
        byte[] bytes = new byte[size];
        _random.NextBytes(bytes);
        return bytes;
    }

    byte[] Modulus(int size)
    {
        byte[] n = Random(size);
        n[0] |= 0x80;
        n[^1] |= 1;
        return n;
    }

    static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    static byte[] Bytes(BigInteger value, int size)
    {
        byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[size - bytes.Length], .. bytes];
    }
}
