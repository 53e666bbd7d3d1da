using System.Buffers.Binary;
using Funion.Cryptography;
using Funion.Pigeonhole;

namespace Funion.Roles;

/// <summary>What a copy keeps, value by value.</summary>
public sealed partial class CopyRole
{
    /// <summary>A copy: the window in which it began and a hash of its capability.</summary>
    readonly record struct Job(long Window, Bytes32 Id)
    {
        const int Size = sizeof(long) + Bytes32.Size + sizeof(int);

        /// <summary>Names are hex: what a value is, as two digits, then its number.</summary>
        public StoreKey Key(Kind kind, int i = 0) => new(Shelf, Window, $"{Id}/{(byte)kind:x2}{i:x8}");

        /// <summary>The message of a step: window, id, number.</summary>
        public byte[] ToBytes(int number)
        {
            byte[] bytes = new byte[Size];
            BinaryPrimitives.WriteInt64BigEndian(bytes, Window);
            Id.AsSpan().CopyTo(bytes.AsSpan(sizeof(long)));
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(sizeof(long) + Bytes32.Size), number);
            return bytes;
        }

        public static Job? TryParse(ReadOnlySpan<byte> message, out int number)
        {
            number = message.Length == Size ? BinaryPrimitives.ReadInt32BigEndian(message[(sizeof(long) + Bytes32.Size)..]) : 0;
            return message.Length == Size && number > 0
                ? new Job(BinaryPrimitives.ReadInt64BigEndian(message), new Bytes32(message.Slice(sizeof(long), Bytes32.Size)))
                : null;
        }
    }

    /// <summary>What is kept of a copy.</summary>
    enum Kind : byte
    {
        Job,
        Status,
        Step,
        Progress,
        Box,
        Ticket,
        Passed,
        Taken,
    }

    /// <summary>How far a copy is: boxes read one after the other, whether the last is among them, whether envelopes are passed on, how many there are, and how many from the first on are taken.</summary>
    readonly record struct Progress(int Boxes, bool Whole, bool Passing, int Envelopes, int Taken)
    {
        const int Size = (3 * sizeof(int)) + 1;

        public byte[] ToBytes()
        {
            byte[] value = new byte[Size];
            BinaryPrimitives.WriteInt32BigEndian(value, Boxes);
            BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(4), Envelopes);
            BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(8), Taken);
            value[12] = (byte)((Whole ? 1 : 0) | (Passing ? 2 : 0));
            return value;
        }

        public static Progress Parse(ReadOnlySpan<byte> value) => value.Length != Size ? default : new Progress(
            BinaryPrimitives.ReadInt32BigEndian(value), (value[12] & 1) != 0, (value[12] & 2) != 0, BinaryPrimitives.ReadInt32BigEndian(value[4..]),
            BinaryPrimitives.ReadInt32BigEndian(value[8..]));
    }

    /// <summary>The last step: when, which, and whose delivery it was.</summary>
    readonly record struct Mark(DateTimeOffset At, int Number, Bytes32 By)
    {
        const int Size = sizeof(long) + sizeof(int) + Bytes32.Size;

        public byte[] ToBytes()
        {
            byte[] value = [.. Milliseconds(At), 0, 0, 0, 0, .. By.AsSpan()];
            BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(sizeof(long)), Number);
            return value;
        }

        public static Mark Parse(ReadOnlySpan<byte> value) => value.Length != Size ? default : new Mark(
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(value)),
            BinaryPrimitives.ReadInt32BigEndian(value[sizeof(long)..]), new Bytes32(value[(sizeof(long) + sizeof(int))..]));
    }

    /// <summary>A box that was asked for: how often, when, and what opens the answer.</summary>
    sealed record Ticket(int Attempt, DateTimeOffset At, EnvelopeOpener Opener)
    {
        public byte[] ToBytes() => [(byte)Attempt, .. Milliseconds(At), .. Opener.ToBytes()];

        public static Ticket? TryParse(ReadOnlyMemory<byte> bytes) =>
            bytes.Length == 1 + sizeof(long) + EnvelopeOpener.Size && EnvelopeOpener.TryParse(bytes[(1 + sizeof(long))..]) is { } opener
                ? new Ticket(
                    bytes.Span[0], DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.Span[1..])), opener)
                : null;
    }

    static byte[] Milliseconds(DateTimeOffset at)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.ToUnixTimeMilliseconds());
        return bytes;
    }
}
