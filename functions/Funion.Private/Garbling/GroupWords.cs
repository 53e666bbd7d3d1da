using Funion.Private.Transfer;

namespace Funion.Private.Garbling;

/// <summary>The words to decode a group with, in their place at the end of a batch: 16 words end on a byte whatever their width.</summary>
static class GroupWords
{
    public static void Write(GarblingGeometry geometry, int group, ReadOnlySpan<ulong> words, Span<byte> message)
    {
        int width = geometry.ResultBits;
        Span<byte> bits = message[^geometry.DecodeSize..][(group * LabelHash.Lanes * geometry.Results * width / 8)..];
        bits = bits[..((words.Length * width + 7) / 8)];
        bits.Clear();
        for (int i = 0; i < words.Length; i++)
        {
            BitPacking.Xor(bits, i * width, width, words[i]);
        }
    }

    public static void Read(GarblingGeometry geometry, int group, ReadOnlySpan<byte> message, Span<ulong> words)
    {
        int width = geometry.ResultBits;
        ReadOnlySpan<byte> bits = message[^geometry.DecodeSize..][(group * LabelHash.Lanes * geometry.Results * width / 8)..];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = BitPacking.Read(bits, i * width, width);
        }
    }
}
