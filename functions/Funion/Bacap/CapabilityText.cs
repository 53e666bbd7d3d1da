using System.Buffers.Text;
using Funion.Cryptography;

namespace Funion.Bacap;

/// <summary>Text form of a capability: prefix, then base64url of the bytes and a checksum of 4 bytes that catches typing errors.</summary>
static class CapabilityText
{
    const int ChecksumSize = 4;

    public static string Format(string prefix, ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Blake2b.Hash256(bytes, hash);
        return prefix + Base64Url.EncodeToString([.. bytes, .. hash[..ChecksumSize]]);
    }

    public static byte[]? TryParse(string prefix, string text, int size)
    {
        if (text is null || !text.StartsWith(prefix, StringComparison.Ordinal)
            || text.Length != prefix.Length + Base64Url.GetEncodedLength(size + ChecksumSize) || !Base64Url.IsValid(text.AsSpan(prefix.Length)))
        {
            return null;
        }
        byte[] bytes = Base64Url.DecodeFromChars(text.AsSpan(prefix.Length));
        if (bytes.Length != size + ChecksumSize)
        {
            return null;
        }
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Blake2b.Hash256(bytes.AsSpan(0, size), hash);
        return hash[..ChecksumSize].SequenceEqual(bytes.AsSpan(size)) ? bytes[..size] : null;
    }
}
