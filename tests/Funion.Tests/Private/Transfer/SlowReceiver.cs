using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Transfer;

namespace Funion.Tests.Private.Transfer;

/// <summary>
/// The receiver's side of one extension as the documentation says it: arrays of bits, the platform's AES, a field multiplication bit by bit. It can cheat:
/// add an error to the corrections of one tree, and answer the check as if that tree's bits of Δ were a guess.
/// </summary>
sealed class SlowReceiver(TransferGeometry geometry, byte[] leaves, Bytes32 transcript, ulong number = 0, ulong counter = 0)
{
    public bool[] Choices { get; private set; } = [];

    public List<bool[]> Columns { get; } = [];

    public byte[] Extend(int transfers, int cheatTree = -1, int errorRow = 0, int guess = 0)
    {
        int blocks = ((transfers + 127) / 128) + 1, rows = blocks * 128;
        List<byte> corrections = [];
        bool[] error = new bool[rows];
        for (int tree = 0; tree < geometry.Trees; tree++)
        {
            bool[] sum = new bool[rows];
            bool[][] columns = [.. Enumerable.Range(0, geometry.Depth).Select(_ => new bool[rows])];
            for (int leaf = 0; leaf < geometry.Leaves; leaf++)
            {
                bool[] stream = Stream(leaves[(((tree * geometry.Leaves) + leaf) * 16)..(((tree * geometry.Leaves) + leaf + 1) * 16)], blocks);
                Add(sum, stream);
                for (int bit = 0; bit < geometry.Depth; bit++)
                {
                    if ((leaf >> bit & 1) != 0)
                    {
                        Add(columns[bit], stream);
                    }
                }
            }
            Columns.AddRange(columns);
            if (tree == 0)
            {
                Choices = sum;
                continue;
            }
            Add(sum, Choices);
            if (tree == cheatTree)
            {
                error[errorRow] = true;
                Add(sum, error);
            }
            corrections.AddRange(Bytes(sum));
        }
        byte[] key = new byte[32];
        Blake2bState state = new(32, []);
        state.Append("funion-ot-challenge-v1"u8);
        state.Append(transcript.AsSpan());
        state.Append(BitConverter.GetBytes(number));
        state.Append(BitConverter.GetBytes(transfers));
        state.Append([.. corrections]);
        state.Finish(key);
        List<byte> message = [.. corrections, .. Hash(key, Choices)];
        for (int column = 0; column < 128; column++)
        {
            byte[] hash = Hash(key, Columns[column]);
            if (column / geometry.Depth == cheatTree && (guess >> (column % geometry.Depth) & 1) != 0)
            {
                byte[] difference = Hash(key, error);
                hash = [.. hash.Zip(difference, (a, b) => (byte)(a ^ b))];
            }
            message.AddRange(hash);
        }
        return [.. message];
    }

    bool[] Stream(byte[] key, int blocks)
    {
        using Aes aes = Aes.Create();
        aes.Key = key;
        byte[] input = [.. Enumerable.Range(0, blocks).SelectMany(i => (byte[])[.. BitConverter.GetBytes(counter + (ulong)i), .. new byte[8]])];
        byte[] output = aes.EncryptEcb(input, PaddingMode.None);
        return [.. Enumerable.Range(0, blocks * 128).Select(i => Dealer.Bit(output, i))];
    }

    /// <summary>POLYVAL (RFC 8452, section 3) of all blocks but the last, plus the last.</summary>
    static byte[] Hash(byte[] key, bool[] column)
    {
        byte[] bytes = Bytes(column);
        UInt128 h = Number(key, 0), sum = 0;
        for (int i = 0; i < bytes.Length - 16; i += 16)
        {
            sum = Dot(sum ^ Number(bytes, i), h);
        }
        sum ^= Number(bytes, bytes.Length - 16);
        byte[] hash = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(hash, sum);
        return hash;
    }

    /// <summary>a·b·x⁻¹²⁸.</summary>
    static UInt128 Dot(UInt128 a, UInt128 b)
    {
        UInt128 result = 0, low = UInt128.One | (UInt128.One << 121) | (UInt128.One << 126) | (UInt128.One << 127);
        for (int i = 0; i < 128; i++)
        {
            result ^= (a >> i & 1) != 0 ? b : 0;
            result = (result & 1) != 0 ? ((result ^ low) >> 1) | (UInt128.One << 127) : result >> 1;
        }
        return result;
    }

    static UInt128 Number(byte[] bytes, int at) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes.AsSpan(at));

    static byte[] Bytes(bool[] bits)
    {
        byte[] bytes = new byte[bits.Length / 8];
        for (int i = 0; i < bits.Length; i++)
        {
            bytes[i / 8] |= (byte)(bits[i] ? 1 << (i % 8) : 0);
        }
        return bytes;
    }

    static void Add(bool[] target, bool[] source)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] ^= source[i];
        }
    }
}
