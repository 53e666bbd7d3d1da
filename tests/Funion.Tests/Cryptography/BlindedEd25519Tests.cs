using Funion.Cryptography;

namespace Funion.Tests.Cryptography;

/// <summary>Blinding keeps the key pair a key pair, in any order, and hides the root.</summary>
public sealed class BlindedEd25519Tests
{
    readonly Random _random = new(20260505);

    [Fact]
    public void Blindings_commute_and_follow_the_private_key()
    {
        for (int trial = 0; trial < 30; trial++)
        {
            byte[] seed = Bytes(32), root = new byte[32], first = Bytes(1 + _random.Next(70)), second = Bytes(32), message = Bytes(_random.Next(300));
            Ed25519.PublicKey(seed, root);
            byte[] one = BlindPublic(BlindPublic(root, first), second), other = BlindPublic(BlindPublic(root, second), first);
            Assert.Equal(one, other);
            Assert.NotEqual(root, one);

            byte[] scalar = new byte[32], half = new byte[32], whole = new byte[32], derived = new byte[32], signature = new byte[64];
            BlindedEd25519.PrivateScalar(seed, scalar);
            BlindedEd25519.BlindPrivateScalar(scalar, first, half);
            BlindedEd25519.BlindPrivateScalar(half, second, whole);
            BlindedEd25519.PublicKey(whole, derived);
            Assert.Equal(one, derived);

            BlindedEd25519.Sign(whole, derived, message, signature);
            Assert.True(Ed25519.Verify(one, message, signature));
            Assert.False(Ed25519.Verify(root, message, signature));
            Assert.False(Ed25519.Verify(one, [.. message, 0], signature));
        }
    }

    [Fact]
    public void Every_flipped_bit_of_a_signature_is_refused()
    {
        byte[] scalar = new byte[32], publicKey = new byte[32], signature = new byte[64], message = Bytes(40);
        BlindedEd25519.PrivateScalar(Bytes(32), scalar);
        BlindedEd25519.PublicKey(scalar, publicKey);
        BlindedEd25519.Sign(scalar, publicKey, message, signature);
        for (int bit = 0; bit < 512; bit++)
        {
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Ed25519.Verify(publicKey, message, signature));
            signature[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.True(Ed25519.Verify(publicKey, message, signature));
        Assert.False(Ed25519.Verify(publicKey, message, signature.AsSpan(0, 63)));
        Assert.False(Ed25519.Verify(publicKey.AsSpan(0, 31), message, signature));
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")] // the neutral point
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // order 2
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")] // order 4
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")] // order 8
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000")] // not on the curve
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // not reduced
    public void A_point_outside_the_group_is_refused(string hex)
    {
        byte[] point = Convert.FromHexString(hex), blinded = Bytes(32);
        Assert.False(BlindedEd25519.IsPoint(point));
        Assert.False(BlindedEd25519.BlindPublicKey(point, [1], blinded));
        Assert.Equal(new byte[32], blinded);
    }

    [Fact]
    public void Wrong_sizes_and_the_empty_factor_are_programming_errors()
    {
        byte[] good = new byte[32], wrong = new byte[33];
        Assert.Throws<ArgumentOutOfRangeException>(() => BlindedEd25519.BlindPublicKey(good, [], good));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlindedEd25519.BlindPublicKey(wrong, [1], good));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlindedEd25519.BlindPrivateScalar(good, [], good));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlindedEd25519.PrivateScalar(wrong, good));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlindedEd25519.PublicKey(good, wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => BlindedEd25519.Sign(good, good, [], new byte[63]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ed25519.GenerateKeyPair(wrong, good));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ed25519.Sign(good, wrong, [], new byte[64]));
    }

    static byte[] BlindPublic(byte[] publicKey, byte[] factor)
    {
        byte[] blinded = new byte[32];
        Assert.True(BlindedEd25519.BlindPublicKey(publicKey, factor, blinded));
        return blinded;
    }

    byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
