using Funion.Cryptography;

namespace Funion.Tests.Cryptography;

/// <summary>What X25519, the KEM and the sealed box promise beyond their vectors.</summary>
public sealed class KemTests
{
    static readonly Kem s_kem = Kem.X25519;

    readonly Random _random = new(20260502);
    readonly byte[] _privateKey = new byte[32];
    readonly byte[] _publicKey = new byte[32];
    readonly byte[] _context = [1, 2, 3, 4];

    public KemTests() => s_kem.GenerateKeyPair(_privateKey, _publicKey);

    /// <summary>Encodings of the points of order 1, 2, 4 and 8, and of those whose coordinate is not reduced (RFC 7748, section 6.1).</summary>
    public static TheoryData<string> LowOrder() =>
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    [Fact]
    public void Both_sides_of_an_agreement_get_the_same_secret()
    {
        byte[] other = new byte[32], otherPublic = new byte[32], left = new byte[32], right = new byte[32];
        X25519.GenerateKeyPair(other, otherPublic);
        Assert.True(X25519.Agree(_privateKey, otherPublic, left));
        Assert.True(X25519.Agree(other, _publicKey, right));
        Assert.Equal(left, right);
    }

    [Theory]
    [MemberData(nameof(LowOrder))]
    public void A_key_of_low_order_is_refused_everywhere(string hex)
    {
        byte[] bad = Convert.FromHexString(hex), shared = Filled(32), ciphertext = new byte[32];
        Assert.False(X25519.Agree(_privateKey, bad, shared));
        Assert.Equal(new byte[32], shared);
        shared = Filled(32);
        Assert.False(s_kem.Encapsulate(bad, _context, ciphertext, shared));
        Assert.Equal(new byte[32], shared);
        shared = Filled(32);
        Assert.False(s_kem.Decapsulate(_privateKey, _publicKey, bad, _context, shared));
        Assert.Equal(new byte[32], shared);
        Assert.Throws<ArgumentException>(() => SealedBox.Seal(bad, [], [1], new byte[1 + SealedBox.Overhead]));
        Assert.Throws<ArgumentException>(() => Mkem.Seal(_publicKey, bad, [1]));
        Assert.False(Mkem.SealReply(_privateKey, bad, [1], new byte[1 + Mkem.Overhead]));
        Assert.False(Mkem.Open(_privateKey, bad, new byte[Mkem.DekSize], new byte[1 + Mkem.Overhead], new byte[1]));
    }

    [Fact]
    public void The_secret_is_bound_to_ciphertext_key_and_context_bit_by_bit()
    {
        byte[] ciphertext = new byte[32], expected = new byte[32], actual = new byte[32];
        Assert.True(s_kem.Encapsulate(_publicKey, _context, ciphertext, expected));
        Assert.True(s_kem.Decapsulate(_privateKey, _publicKey, ciphertext, _context, actual));
        Assert.Equal(expected, actual);
        // Bit 255 too, which the curve ignores.
        foreach (byte[] field in (byte[][])[ciphertext, _publicKey, _context])
        {
            for (int bit = 0; bit < field.Length * 8; bit++)
            {
                field[bit / 8] ^= (byte)(1 << (bit % 8));
                _ = s_kem.Decapsulate(_privateKey, _publicKey, ciphertext, _context, actual);
                Assert.NotEqual(expected, actual);
                field[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
        Assert.True(s_kem.Decapsulate(_privateKey, _publicKey, ciphertext, [.. _context, 0], actual));
        Assert.NotEqual(expected, actual);
    }

    [Fact]
    public void Every_encapsulation_is_fresh()
    {
        byte[] first = new byte[32], second = new byte[32], firstSecret = new byte[32], secondSecret = new byte[32];
        s_kem.Encapsulate(_publicKey, _context, first, firstSecret);
        s_kem.Encapsulate(_publicKey, _context, second, secondSecret);
        Assert.NotEqual(first, second);
        Assert.NotEqual(firstSecret, secondSecret);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700)]
    public void A_sealed_box_opens_for_its_recipient_and_its_info_only(int length)
    {
        byte[] message = Bytes(length), box = new byte[length + SealedBox.Overhead], opened = new byte[length], info = Bytes(10);
        SealedBox.Seal(_publicKey, info, message, box);
        Assert.True(SealedBox.Open(_privateKey, _publicKey, info, box, opened));
        Assert.Equal(message, opened);

        byte[] other = new byte[32], otherPublic = new byte[32];
        s_kem.GenerateKeyPair(other, otherPublic);
        Assert.False(SealedBox.Open(other, otherPublic, info, box, opened));
        Assert.False(SealedBox.Open(_privateKey, _publicKey, info.AsSpan(1), box, opened));
        for (int bit = 0; bit < box.Length * 8; bit += length > 100 ? 61 : 1)
        {
            byte[] flipped = [.. box], leftover = Filled(length);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(SealedBox.Open(_privateKey, _publicKey, info, flipped, leftover));
            Assert.Equal(new byte[length], leftover);
        }
    }

    [Fact]
    public void A_sealed_box_of_any_length_and_content_is_refused_without_an_exception()
    {
        for (int length = 0; length < 200; length++)
        {
            Assert.False(SealedBox.Open(_privateKey, _publicKey, [], Bytes(length), new byte[Math.Max(0, length - SealedBox.Overhead)]));
            Assert.False(SealedBox.Open(_privateKey, _publicKey, [], Bytes(length), new byte[length + 1]));
        }
    }

    [Fact]
    public void Wrong_sizes_are_programming_errors()
    {
        byte[] good = new byte[32], wrong = new byte[31];
        Assert.Throws<ArgumentOutOfRangeException>(() => X25519.GenerateKeyPair(wrong, good));
        Assert.Throws<ArgumentOutOfRangeException>(() => X25519.PublicKey(good, wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => X25519.Agree(good, wrong, good));
        Assert.Throws<ArgumentOutOfRangeException>(() => X25519.Agree(good, good, wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => s_kem.GenerateKeyPair(wrong, good));
        Assert.Throws<ArgumentOutOfRangeException>(() => s_kem.Encapsulate(wrong, [], good, good));
        Assert.Throws<ArgumentOutOfRangeException>(() => s_kem.Encapsulate(good, [], wrong, good));
        Assert.Throws<ArgumentOutOfRangeException>(() => s_kem.Decapsulate(good, good, wrong, [], good));
        Assert.Throws<ArgumentOutOfRangeException>(() => s_kem.Decapsulate(good, good, good, [], wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedBox.Seal(_publicKey, [], [1], new byte[1]));
    }

    static byte[] Filled(int length)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(0xa5);
        return bytes;
    }

    byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
