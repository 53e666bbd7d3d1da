using Funion.Cryptography;

namespace Funion.Tests.Cryptography;

/// <summary>Hashes, key derivation and secret memory beyond their vectors.</summary>
public sealed class HashTests
{
    readonly Random _random = new(20260504);

    [Fact]
    public void A_hash_does_not_depend_on_how_the_data_is_cut()
    {
        for (int trial = 0; trial < 200; trial++)
        {
            byte[] data = Bytes(_random.Next(400)), expected = new byte[32], actual = new byte[32];
            Blake2b.Hash256(data, expected);
            int cut = _random.Next(data.Length + 1);
            Blake2b.Hash256(data.AsSpan(0, cut), data.AsSpan(cut), actual);
            Assert.Equal(expected, actual);

            byte[] key = Bytes(1 + _random.Next(64));
            Blake2b.Mac256(key, data, expected);
            Blake2bState state = new(32, key);
            state.Append(data.AsSpan(0, cut));
            state.Append([]);
            state.Append(data.AsSpan(cut));
            state.Finish(actual);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void A_shorter_derived_key_is_the_beginning_of_a_longer_one()
    {
        byte[] ikm = Bytes(40), salt = Bytes(150), info = Bytes(9), longest = new byte[255 * 64];
        HkdfBlake2b.DeriveKey(ikm, salt, info, longest);
        foreach (int length in (int[])[0, 1, 63, 64, 65, 128, 200, longest.Length - 1])
        {
            byte[] okm = new byte[length];
            HkdfBlake2b.DeriveKey(ikm, salt, info, okm);
            Assert.Equal(longest[..length], okm);
        }
    }

    [Fact]
    public void An_absent_salt_is_sixty_four_zero_bytes()
    {
        byte[] ikm = Bytes(32), absent = new byte[32], zeros = new byte[32];
        HkdfBlake2b.DeriveKey(ikm, [], [], absent);
        HkdfBlake2b.DeriveKey(ikm, new byte[64], [], zeros);
        Assert.Equal(zeros, absent);
    }

    [Fact]
    public void Deriving_a_key_allocates_nothing()
    {
        byte[] ikm = Bytes(32), okm = new byte[96];
        HkdfBlake2b.DeriveKey(ikm, [], ikm, okm);
        long before = GC.GetAllocatedBytesForCurrentThread();
        HkdfBlake2b.DeriveKey(ikm, [], ikm, okm);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Misuse_is_an_exception_and_never_the_end_of_the_process()
    {
        byte[] wrong = new byte[33];
        Assert.Throws<ArgumentOutOfRangeException>(() => Blake2b.Hash256([], wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => Blake2b.Hash256([], [], wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => Blake2b.Hash512([], wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => Blake2b.Mac256([], [], new byte[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Blake2b.Mac256(new byte[65], [], new byte[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Blake2bState(0, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Blake2bState(65, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Blake2bState(32, new byte[65]));
        Assert.Throws<ArgumentOutOfRangeException>(() => { Blake2bState state = new(32, []); state.Finish([]); });
        Assert.Throws<InvalidOperationException>(() => { Blake2bState state = default; state.Append([1]); });
        Assert.Throws<InvalidOperationException>(() => { Blake2bState state = new(32, []); state.Finish(new byte[32]); state.Finish(new byte[32]); });
        Assert.Throws<ArgumentOutOfRangeException>(() => Sha512_256.Hash([], wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => HkdfBlake2b.Extract([], [], wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => HkdfBlake2b.Expand(new byte[63], [], wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => HkdfBlake2b.Expand(new byte[64], [], new byte[(255 * 64) + 1]));
    }

    [Fact]
    public void A_secret_is_a_copy_and_is_gone_when_disposed()
    {
        byte[] secret = Bytes(32), original = [.. secret];
        SecretBytes held = new(secret);
        secret.AsSpan().Clear();
        Assert.Equal(original, held.Span.ToArray());
        Assert.Equal(32, held.Length);
        Assert.DoesNotContain(Convert.ToHexString(original), held.ToString(), StringComparison.OrdinalIgnoreCase);
        held.Dispose();
        held.Dispose();
        Assert.Throws<ObjectDisposedException>(() => held.Span.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SecretBytes(0));
    }

    byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
