using System.Diagnostics.CodeAnalysis;
using Funion.Bacap;

namespace Funion.Pigeonhole;

/// <summary>
/// Tells a courier to carry out what lies in a temporary stream: all of it or, when it is not whole, nothing. Asked again, it tells how far the copy is.
/// Of the size of every query.
/// <code>
/// query: type u8 1 ‖ length u32 168 ‖ W_temp 168, zero-padded          reply: type u8 1 ‖ status u8, zero-padded
/// </code>
/// </summary>
public static class CopyCommand
{
    const byte Type = 1;

    /// <summary>Lays the query out over exactly a user payload.</summary>
    public static byte[] ToQuery(PigeonholeGeometry geometry, WriteCapability temporary)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(temporary);
        byte[] query = new byte[geometry.QuerySize];
        WireWriter writer = new(query);
        writer.Byte(Type);
        writer.Prefixed(temporary.ToBytes());
        return query;
    }

    /// <summary>Whether a query is one of these, by its type.</summary>
    public static bool IsOne(ReadOnlySpan<byte> query) => query is [Type, ..];

    /// <summary>Reads a query; false for anything else.</summary>
    public static bool TryParse(PigeonholeGeometry geometry, ReadOnlyMemory<byte> query, [NotNullWhen(true)] out WriteCapability? temporary)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        temporary = null;
        WireReader reader = new(query);
        byte type = reader.Byte();
        ReadOnlyMemory<byte> capability = reader.Prefixed();
        return query.Length == geometry.QuerySize && reader.EndsInZeros && type == Type && WriteCapability.TryParse(capability.Span, out temporary);
    }

    /// <summary>Lays a reply out over <paramref name="size"/> bytes, a reply payload.</summary>
    public static byte[] ToReply(CopyStatus status, int size)
    {
        byte[] reply = new byte[size];
        reply[0] = Type;
        reply[1] = (byte)status;
        return reply;
    }

    /// <summary>Reads a reply; null for anything else.</summary>
    public static CopyStatus? TryParseReply(ReadOnlyMemory<byte> reply)
    {
        WireReader reader = new(reply);
        byte type = reader.Byte(), status = reader.Byte();
        return reader.EndsInZeros && type == Type && status <= (byte)CopyStatus.Failed ? (CopyStatus)status : null;
    }
}
