using System.Buffers.Binary;
using Funion.Mixing;

namespace Funion.Tests.Fuzzing;

/// <summary>Makes hostile bytes of sound ones: what a parser gets wrong lies close to what it gets right.</summary>
sealed class Mutator(RandomSource random, IReadOnlyList<byte[]> seeds)
{
    static readonly ulong[] s_interesting =
    [
        0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, long.MaxValue, 1UL << 63, ulong.MaxValue,
    ];

    static readonly string[] s_tokens =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "-", "1e999", "-1", "0.5", "99999999999999999999", "9223372036854775807", "\\u0000", "\\ud800",
        "\\", "[[[[[[[[", "{\"a\":", "\u0000", "ÿ", "..", "/", "%2f", "\r\n", "NaN",
    ];

    /// <summary>The next input: a seed, changed a few times, or nothing but chance.</summary>
    public byte[] Next()
    {
        if (random.Below(50) == 0)
        {
            byte[] noise = new byte[random.Below(400)];
            random.Fill(noise);
            return noise;
        }
        byte[] input = [.. seeds[random.Below(seeds.Count)]];
        for (int changes = 1 + random.Below(4); changes > 0; changes--)
        {
            input = Change(input);
        }
        return input;
    }

    byte[] Change(byte[] input)
    {
        int at = random.Below(input.Length + 1), length = Math.Min(random.Below(64), input.Length - at);
        switch (random.Below(10))
        {
            case 0:
                return input[..at];
            case 1:
                return [.. input[..at], .. new byte[random.Below(64)], .. input[at..]];
            case 2:
                return [.. input[..at], .. input[(at + length)..]];
            case 3:
                return [.. input[..(at + length)], .. input[at..]];
            case 4:
                byte[] other = seeds[random.Below(seeds.Count)];
                return [.. input[..at], .. other[random.Below(other.Length + 1)..]];
            case 5:
                return [.. input[..at], .. System.Text.Encoding.UTF8.GetBytes(s_tokens[random.Below(s_tokens.Length)]), .. input[(at + (length / 8))..]];
            case 6 when input.Length >= 8:
                byte[] number = new byte[8];
                BinaryPrimitives.WriteUInt64BigEndian(number, s_interesting[random.Below(s_interesting.Length)]);
                int width = 1 << random.Below(4);
                number.AsSpan(8 - width).CopyTo(input.AsSpan(random.Below(input.Length - width + 1)));
                return input;
            default:
                if (input.Length > 0)
                {
                    input[random.Below(input.Length)] ^= (byte)(1 << random.Below(8));
                }
                return input;
        }
    }
}
