using Funion.Cryptography;

namespace Funion.Tests.Cryptography;

/// <summary>Two recipients, one reply each, nobody else.</summary>
public sealed class MkemTests
{
    readonly Random _random = new(20260503);
    readonly (byte[] Private, byte[] Public) _first = KeyPair();
    readonly (byte[] Private, byte[] Public) _second = KeyPair();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1674)]
    public void Either_recipient_opens_with_its_own_dek_and_nobody_else_does(int length)
    {
        byte[] message = Bytes(length), opened = new byte[length];
        using MkemSealed box = Mkem.Seal(_first.Public, _second.Public, message);
        Assert.Equal((32, Mkem.DekSize, Mkem.DekSize, length + Mkem.Overhead),
            (box.EphemeralPublicKey.Length, box.Dek1.Length, box.Dek2.Length, box.Ciphertext.Length));

        Assert.True(Mkem.Open(_first.Private, box.EphemeralPublicKey, box.Dek1, box.Ciphertext, opened));
        Assert.Equal(message, opened);
        opened.AsSpan().Clear();
        Assert.True(Mkem.Open(_second.Private, box.EphemeralPublicKey, box.Dek2, box.Ciphertext, opened));
        Assert.Equal(message, opened);

        Assert.False(Mkem.Open(_first.Private, box.EphemeralPublicKey, box.Dek2, box.Ciphertext, opened));
        Assert.False(Mkem.Open(KeyPair().Private, box.EphemeralPublicKey, box.Dek1, box.Ciphertext, opened));
        using MkemSealed another = Mkem.Seal(_first.Public, _second.Public, message);
        Assert.False(Mkem.Open(_first.Private, box.EphemeralPublicKey, box.Dek1, another.Ciphertext, opened));
        Assert.NotEqual(box.EphemeralPublicKey, another.EphemeralPublicKey);
    }

    [Fact]
    public void Each_recipient_replies_and_only_the_sender_opens()
    {
        byte[] reply = Bytes(100), sealedReply = new byte[100 + Mkem.Overhead], opened = new byte[100];
        using MkemSealed box = Mkem.Seal(_first.Public, _second.Public, [1]);
        foreach ((byte[] @private, byte[] @public) in ((byte[], byte[])[])[_first, _second])
        {
            Assert.True(Mkem.SealReply(@private, box.EphemeralPublicKey, reply, sealedReply));
            Assert.True(Mkem.OpenReply(box.EphemeralPrivateKey.Span, @public, sealedReply, opened));
            Assert.Equal(reply, opened);
            Assert.False(Mkem.OpenReply(KeyPair().Private, @public, sealedReply, opened));
            Assert.Equal(new byte[100], opened);
        }
        Assert.False(Mkem.OpenReply(box.EphemeralPrivateKey.Span, _first.Public, sealedReply, opened));
    }

    [Fact]
    public void Every_flipped_bit_is_refused_and_leaves_nothing_behind()
    {
        byte[] message = Bytes(20), opened = Bytes(20), sealedReply = new byte[20 + Mkem.Overhead];
        using MkemSealed box = Mkem.Seal(_first.Public, _second.Public, message);
        Mkem.SealReply(_first.Private, box.EphemeralPublicKey, message, sealedReply);
        foreach (byte[] field in (byte[][])[box.EphemeralPublicKey, box.Dek1, box.Ciphertext])
        {
            // The curve ignores bit 255 of a key; the envelope's hash covers it.
            int bits = (field.Length * 8) - (field == box.EphemeralPublicKey ? 1 : 0);
            for (int bit = 0; bit < bits; bit++)
            {
                field[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(Mkem.Open(_first.Private, box.EphemeralPublicKey, box.Dek1, box.Ciphertext, opened));
                Assert.Equal(new byte[20], opened);
                field[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
        for (int bit = 0; bit < sealedReply.Length * 8; bit++)
        {
            sealedReply[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Mkem.OpenReply(box.EphemeralPrivateKey.Span, _first.Public, sealedReply, opened));
            sealedReply[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.True(Mkem.Open(_first.Private, box.EphemeralPublicKey, box.Dek1, box.Ciphertext, opened));
        Assert.True(Mkem.OpenReply(box.EphemeralPrivateKey.Span, _first.Public, sealedReply, opened));
    }

    [Fact]
    public void Lengths_that_a_sender_chooses_never_throw()
    {
        byte[] opened = new byte[10];
        using MkemSealed box = Mkem.Seal(_first.Public, _second.Public, opened);
        for (int length = 0; length < 80; length++)
        {
            Assert.False(Mkem.Open(_first.Private, box.EphemeralPublicKey, Bytes(length), box.Ciphertext, opened));
            Assert.False(Mkem.Open(_first.Private, box.EphemeralPublicKey, box.Dek1, Bytes(length), opened));
            Assert.False(Mkem.OpenReply(box.EphemeralPrivateKey.Span, _first.Public, Bytes(length), opened));
        }
    }

    [Fact]
    public void Wrong_sizes_of_our_own_are_programming_errors()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Mkem.Seal(new byte[31], _second.Public, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mkem.Open(new byte[31], _first.Public, new byte[Mkem.DekSize], new byte[28], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Mkem.SealReply(_first.Private, _second.Public, [1], new byte[Mkem.Overhead]));
    }

    static (byte[] Private, byte[] Public) KeyPair()
    {
        byte[] privateKey = new byte[32], publicKey = new byte[32];
        X25519.GenerateKeyPair(privateKey, publicKey);
        return (privateKey, publicKey);
    }

    byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
