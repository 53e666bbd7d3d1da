using Funion.Cryptography;

namespace Funion.Tests.Cryptography;

/// <summary>The kernels with the processor's instructions against the portable ones, and what the modes promise.</summary>
public sealed class KernelTests
{
    readonly Random _random = new(20260501);

    [Fact]
    public void Instructions_and_fallback_agree_on_every_length()
    {
        Assert.True(Aes256.IsAccelerated && Polyval.IsAccelerated || !System.Runtime.Intrinsics.X86.Aes.IsSupported);
        byte[] key = Bytes(32), nonce = Bytes(12);
        for (int length = 16; length < 420; length++)
        {
            byte[] tweak = Bytes(_random.Next(70)), message = Bytes(length), fast = [.. message], slow = [.. message];
            Hctr2.Transform(key, tweak, fast, decrypt: false, portable: false);
            Hctr2.Transform(key, tweak, slow, decrypt: false, portable: true);
            Assert.Equal(slow, fast);
            Hctr2.Decrypt(key, tweak, fast);
            Assert.Equal(message, fast);

            byte[] left = new byte[length + 16], right = new byte[length + 16];
            AesGcmSiv.Encrypt(key, nonce, tweak, message, left, portable: false);
            AesGcmSiv.Encrypt(key, nonce, tweak, message, right, portable: true);
            Assert.Equal(right, left);
        }
    }

    [Theory]
    [InlineData(16 + 511)]
    [InlineData(16 + 512)]
    [InlineData(16 + 513)]
    [InlineData(1024)]
    [InlineData(1099)]
    [InlineData(2034)]
    public void Instructions_and_fallback_agree_past_several_runs_of_blocks(int length)
    {
        byte[] key = Bytes(32);
        foreach (int tweakLength in (int[])[0, 1, 16, 32, 33, 127, 128, 200])
        {
            byte[] tweak = Bytes(tweakLength), message = Bytes(length), fast = [.. message], slow = [.. message];
            Hctr2.Transform(key, tweak, fast, decrypt: true, portable: false);
            Hctr2.Transform(key, tweak, slow, decrypt: true, portable: true);
            Assert.Equal(slow, fast);
            Hctr2.Transform(key, tweak, slow, decrypt: false, portable: true);
            Assert.Equal(message, slow);
        }
    }

    [Fact]
    public void Every_width_of_carryless_multiplication_gives_the_same_hash()
    {
        CarrylessWidth[] widths = [.. Enum.GetValues<CarrylessWidth>().Where(width => width <= CarrylessWidths.Best)];
        Assert.True(widths.Length > 1 || !System.Runtime.Intrinsics.X86.Pclmulqdq.IsSupported);
        for (int trial = 0; trial < 400; trial++)
        {
            byte[] key = Bytes(16), data = Bytes(_random.Next(1_200));
            int cut = _random.Next(data.Length + 1) & ~15;
            string Hash(CarrylessWidth width)
            {
                Polyval hash = new(System.Runtime.Intrinsics.Vector128.Create(key), width);
                hash.AppendPadded(data.AsSpan(0, cut));
                hash.AppendPadded(data.AsSpan(cut));
                return hash.Hash.ToString();
            }
            Assert.All(widths, width => Assert.Equal(Hash(CarrylessWidth.Portable), Hash(width)));
        }
    }

    [Fact]
    public void Counter_mode_does_not_depend_on_how_the_data_is_cut()
    {
        byte[] key = Bytes(32), iv = Enumerable.Repeat((byte)0xff, 16).ToArray(), whole = new byte[1000];
        Aes256Ctr.Xor(key, iv, whole);
        for (int length = 0; length <= whole.Length; length += 37)
        {
            byte[] part = new byte[length];
            Aes256Ctr.Xor(key, iv, part);
            Assert.Equal(whole[..length], part);
        }
    }

    [Fact]
    public void One_bit_of_a_wide_block_changes_every_block_of_the_plaintext()
    {
        byte[] key = Bytes(32), tweak = Bytes(32), message = Bytes(2000), ciphertext = [.. message];
        Hctr2.Encrypt(key, tweak, ciphertext);
        for (int trial = 0; trial < 50; trial++)
        {
            byte[] flipped = [.. ciphertext];
            flipped[_random.Next(flipped.Length)] ^= (byte)(1 << _random.Next(8));
            Hctr2.Decrypt(key, tweak, flipped);
            for (int block = 0; block + 16 <= message.Length; block += 16)
            {
                Assert.NotEqual(message[block..(block + 16)], flipped[block..(block + 16)]);
            }
        }
    }

    [Fact]
    public void Gcm_siv_refuses_every_flipped_bit_and_leaves_nothing_behind()
    {
        byte[] key = Bytes(32), nonce = Bytes(12), aad = Bytes(20), plaintext = Bytes(40), ciphertext = new byte[56];
        AesGcmSiv.Encrypt(key, nonce, aad, plaintext, ciphertext);
        for (int bit = 0; bit < ciphertext.Length * 8; bit++)
        {
            byte[] flipped = [.. ciphertext], opened = Bytes(40);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(AesGcmSiv.Decrypt(key, nonce, aad, flipped, opened));
            Assert.All(opened, value => Assert.Equal(0, value));
        }
        Assert.False(AesGcmSiv.Decrypt(key, nonce, Bytes(20), ciphertext, new byte[40]));
        Assert.False(AesGcmSiv.Decrypt(key, nonce, aad, new byte[15], []));
    }

    [Fact]
    public void Wrong_sizes_are_programming_errors()
    {
        byte[] key = new byte[32];
        Assert.Throws<ArgumentOutOfRangeException>(() => Hctr2.Encrypt(new byte[31], [], new byte[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Hctr2.Encrypt(key, [], new byte[15]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Aes256Ctr.Xor(key, new byte[12], new byte[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => AesGcmSiv.Encrypt(key, new byte[11], [], [], new byte[16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => AesGcmSiv.Encrypt(key, new byte[12], [], [], new byte[15]));
    }

    [Fact]
    public void Wide_block_allocates_nothing()
    {
        byte[] key = Bytes(32), tweak = Bytes(32), message = Bytes(2000);
        Hctr2.Encrypt(key, tweak, message);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Hctr2.Decrypt(key, tweak, message);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
