using System.Buffers.Binary;

namespace Funion.Private.Anonymous;

/// <summary>
/// What one job carries of a session, always of one size. A session is two streams of bytes; each job brings a piece of the client's and fetches one of the
/// server's, so that every job may be lost, sent again, or overtaken by another.
/// <code>
/// up     = "FUNION2S" 8 ‖ kind 1 ‖ session 32 ‖ offset 4 ‖ wanted 4 ‖ length 4 ‖ bytes ‖ zeros       kind 1: the architecture is asked for; 2: a piece
/// down   = state 1 ‖ taken 4 ‖ there 4 ‖ offset 4 ‖ length 4 ‖ bytes ‖ zeros                            taken: bytes of the client's in a row
/// </code>
/// Little-endian. The session is 32 random bytes of the client's, which only it and compute know.
/// </summary>
static class Segment
{
    public const int UpHeader = 8 + 1 + Bytes32.Size + 12, DownHeader = 1 + 16;

    public const byte Architecture = 1, Piece = 2;

    /// <summary>Of an answer: the session goes on, or the server has ended it.</summary>
    public const byte Open = 1, Over = 2;

    static ReadOnlySpan<byte> Magic => "FUNION2S"u8;

    public static byte[] Up(int size, byte kind, in Bytes32 session, int offset, int wanted, ReadOnlySpan<byte> bytes)
    {
        byte[] segment = new byte[size];
        Magic.CopyTo(segment);
        segment[8] = kind;
        session.AsSpan().CopyTo(segment.AsSpan(9));
        Span<byte> numbers = segment.AsSpan(9 + Bytes32.Size);
        BinaryPrimitives.WriteInt32LittleEndian(numbers, offset);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[4..], wanted);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[8..], bytes.Length);
        bytes.CopyTo(segment.AsSpan(UpHeader));
        return segment;
    }

    public static bool TryReadUp(ReadOnlyMemory<byte> segment, out (byte Kind, Bytes32 Session, int Offset, int Wanted, ReadOnlyMemory<byte> Bytes) read)
    {
        read = default;
        if (segment.Length < UpHeader || !segment.Span.StartsWith(Magic) || segment.Span[8] is not (Architecture or Piece))
        {
            return false;
        }
        ReadOnlySpan<byte> numbers = segment.Span[(9 + Bytes32.Size)..];
        int offset = BinaryPrimitives.ReadInt32LittleEndian(numbers), wanted = BinaryPrimitives.ReadInt32LittleEndian(numbers[4..]);
        int length = BinaryPrimitives.ReadInt32LittleEndian(numbers[8..]);
        if (offset < 0 || wanted < 0 || length < 0 || length > segment.Length - UpHeader || offset > int.MaxValue - length)
        {
            return false;
        }
        read = (segment.Span[8], new Bytes32(segment.Span.Slice(9, Bytes32.Size)), offset, wanted, segment.Slice(UpHeader, length));
        return true;
    }

    public static byte[] Down(int size, byte state, int taken, int there, int offset, ReadOnlySpan<byte> bytes)
    {
        byte[] segment = new byte[size];
        segment[0] = state;
        Span<byte> numbers = segment.AsSpan(1);
        BinaryPrimitives.WriteInt32LittleEndian(numbers, taken);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[4..], there);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[8..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[12..], bytes.Length);
        bytes.CopyTo(segment.AsSpan(DownHeader));
        return segment;
    }

    public static bool TryReadDown(ReadOnlyMemory<byte> segment, out (byte State, int Taken, int There, int Offset, ReadOnlyMemory<byte> Bytes) read)
    {
        read = default;
        if (segment.Length < DownHeader || segment.Span[0] is not (Open or Over))
        {
            return false;
        }
        ReadOnlySpan<byte> numbers = segment.Span[1..];
        int taken = BinaryPrimitives.ReadInt32LittleEndian(numbers), there = BinaryPrimitives.ReadInt32LittleEndian(numbers[4..]);
        int offset = BinaryPrimitives.ReadInt32LittleEndian(numbers[8..]), length = BinaryPrimitives.ReadInt32LittleEndian(numbers[12..]);
        if (taken < 0 || there < 0 || offset < 0 || length < 0 || length > segment.Length - DownHeader || offset > int.MaxValue - length)
        {
            return false;
        }
        read = (segment.Span[0], taken, there, offset, segment.Slice(DownHeader, length));
        return true;
    }
}
