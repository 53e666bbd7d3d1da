using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Funion.Network;

namespace Funion.Tokens;

/// <summary>
/// What a token is good for. Its hash is signed blindly, so the issuer does not learn it; who takes the token compares it.
/// <code>
/// token type u16 = 0x0002 ‖ issuer name ≤ 65535 ‖ redemption context 0 or 32 ‖ origin info ≤ 65535        each with its length, u16, u8, u16
/// </code>
/// Of a job's token: the network's name, SHA-256("funion-token-epoch-v1" ‖ epoch i64 BE), and the id of the compute node in hex, for two nodes that take
/// tokens know nothing of each other's.
/// <list type="bullet">
/// <item>References: RFC 9577 section 2.1.</item>
/// <item>Parameters: digest 32 bytes (SHA-256).</item>
/// </list>
/// </summary>
/// <param name="IssuerName">Not empty.</param>
/// <param name="RedemptionContext">32 bytes, or none.</param>
/// <param name="OriginInfo">May be empty.</param>
public sealed record TokenChallenge(ReadOnlyMemory<byte> IssuerName, ReadOnlyMemory<byte> RedemptionContext, ReadOnlyMemory<byte> OriginInfo)
{
    /// <summary>Length of a digest in bytes.</summary>
    public const int DigestSize = SHA256.HashSizeInBytes;

    const int ContextSize = 32, FewestBytes = 2 + 2 + 1 + 2;

    /// <summary>For one job of an epoch at one compute node of a network.</summary>
    public static TokenChallenge ForJob(string network, long epoch, NodeId compute)
    {
        byte[] context = new byte[21 + sizeof(long)];
        "funion-token-epoch-v1"u8.CopyTo(context);
        BinaryPrimitives.WriteInt64BigEndian(context.AsSpan(21), epoch);
        return new TokenChallenge(Encoding.UTF8.GetBytes(network), SHA256.HashData(context), Encoding.ASCII.GetBytes(compute.ToString()));
    }

    /// <summary>Encodes.</summary>
    /// <exception cref="ArgumentException">A field has a length that the format does not have.</exception>
    public byte[] ToBytes()
    {
        if (IssuerName.Length is 0 or > ushort.MaxValue || RedemptionContext.Length is not (0 or ContextSize) || OriginInfo.Length > ushort.MaxValue)
        {
            throw new ArgumentException("A challenge has an issuer's name, and a context of 32 bytes or none.");
        }
        byte[] bytes = new byte[FewestBytes + IssuerName.Length + RedemptionContext.Length + OriginInfo.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, Token.Type);
        Span<byte> rest = Put(bytes.AsSpan(2), IssuerName.Span);
        rest[0] = (byte)RedemptionContext.Length;
        RedemptionContext.Span.CopyTo(rest[1..]);
        Put(rest[(1 + RedemptionContext.Length)..], OriginInfo.Span);
        return bytes;
    }

    /// <summary>Decodes; false for anything else, and for other token types.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out TokenChallenge? challenge)
    {
        challenge = null;
        ReadOnlyMemory<byte> rest = bytes;
        if (rest.Length < FewestBytes || BinaryPrimitives.ReadUInt16BigEndian(rest.Span) != Token.Type)
        {
            return false;
        }
        rest = rest[2..];
        if (Take(ref rest, wide: true) is not { Length: > 0 } issuer || Take(ref rest, wide: false) is not { Length: 0 or ContextSize } context
            || Take(ref rest, wide: true) is not { } origin || rest.Length > 0)
        {
            return false;
        }
        challenge = new TokenChallenge(issuer, context, origin);
        return true;
    }

    /// <summary>challenge_digest: what a token carries.</summary>
    public byte[] Digest() => SHA256.HashData(ToBytes());

    static Span<byte> Put(Span<byte> destination, ReadOnlySpan<byte> field)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)field.Length);
        field.CopyTo(destination[2..]);
        return destination[(2 + field.Length)..];
    }

    static ReadOnlyMemory<byte>? Take(ref ReadOnlyMemory<byte> rest, bool wide)
    {
        int head = wide ? 2 : 1;
        if (rest.Length < head)
        {
            return null;
        }
        int length = wide ? BinaryPrimitives.ReadUInt16BigEndian(rest.Span) : rest.Span[0];
        if (rest.Length - head < length)
        {
            return null;
        }
        ReadOnlyMemory<byte> field = rest.Slice(head, length);
        rest = rest[(head + length)..];
        return field;
    }
}
