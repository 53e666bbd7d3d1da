using System.Buffers.Binary;
using Funion.Bacap;

namespace Funion.Tests.Bacap;

/// <summary>Bytes and text of capabilities and positions: exact round trips, and no input that throws.</summary>
public sealed class CapabilityTests
{
    readonly Random _random = new(20260507);
    readonly WriteCapability _writer = WriteCapability.Create();

    [Fact]
    public void Bytes_and_text_round_trip()
    {
        ReadCapability reader = _writer.ToReadCapability();
        Assert.Equal((104, 136, 168), (_writer.First.ToBytes().Length, reader.ToBytes().Length, _writer.ToBytes().Length));
        Assert.True(ReadCapability.TryParse(reader.ToBytes(), out ReadCapability? read));
        Assert.Equal(reader, read);
        Assert.True(ReadCapability.TryParse(reader.ToString(), out read));
        Assert.Equal(reader, read);
        Assert.True(WriteCapability.TryParse(_writer.ToSecretString(), out WriteCapability? write));
        Assert.Equal(_writer.ToBytes(), write.ToBytes());
        Assert.StartsWith("funion-read-", reader.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("funion-write-", _writer.ToSecretString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_capability_does_not_print_itself()
    {
        Assert.DoesNotContain(Convert.ToBase64String(_writer.ToBytes())[..16], $"{_writer}", StringComparison.Ordinal);
        Assert.False(WriteCapability.TryParse(_writer.ToString(), out _));
    }

    [Fact]
    public void One_kind_of_capability_is_not_taken_for_the_other()
    {
        Assert.False(ReadCapability.TryParse(_writer.ToSecretString(), out _));
        Assert.False(WriteCapability.TryParse(_writer.ToReadCapability().ToString(), out _));
        Assert.False(ReadCapability.TryParse(_writer.ToBytes(), out _));
        Assert.False(WriteCapability.TryParse(_writer.ToReadCapability().ToBytes(), out _));
    }

    [Fact]
    public void Every_changed_character_of_the_text_is_refused()
    {
        foreach (string text in (string[])[_writer.ToReadCapability().ToString(), _writer.ToSecretString()])
        {
            for (int i = 0; i < text.Length; i++)
            {
                foreach (char other in "A_ =\n\u00e9\0".Where(other => other != text[i]))
                {
                    string changed = text[..i] + other + text[(i + 1)..];
                    Assert.False(ReadCapability.TryParse(changed, out _) || WriteCapability.TryParse(changed, out _), changed);
                }
                Assert.False(ReadCapability.TryParse(text[..i], out _) || WriteCapability.TryParse(text[..i], out _));
            }
            Assert.False(ReadCapability.TryParse(text + "=", out _) || ReadCapability.TryParse(" " + text, out _));
        }
        Assert.False(ReadCapability.TryParse((string)null!, out _));
    }

    [Fact]
    public void A_position_lies_on_its_stream_within_the_longest_walk()
    {
        Assert.Equal(AdvanceOutcome.Advanced, _writer.First.TryAdvanceTo(_writer.First.Index + 300, out MessageBoxIndex? current));
        ReadCapability reader = _writer.ToReadCapability();
        byte[] read = StreamPosition.ToBytes(reader, current!), write = StreamPosition.ToBytes(_writer, current!);
        Assert.Equal((240, 272), (read.Length, write.Length));
        Assert.Equal(current, StreamPosition.TryParseRead(read)!.Value.Current);
        Assert.Equal(_writer.ToBytes(), StreamPosition.TryParseWrite(write)!.Value.Capability.ToBytes());

        Assert.Null(StreamPosition.TryParseRead(StreamPosition.ToBytes(reader.At(current!), _writer.First)));
        Assert.Null(StreamPosition.TryParseRead(StreamPosition.ToBytes(reader, MessageBoxIndex.CreateRandom())));
        byte[] far = _writer.First.ToBytes();
        BinaryPrimitives.WriteUInt64LittleEndian(far, _writer.First.Index + StreamPosition.LongestWalk + 1);
        Assert.Null(StreamPosition.TryParseRead([.. reader.ToBytes(), .. far]));
        for (int bit = 0; bit < 104 * 8; bit += 13)
        {
            byte[] flipped = [.. read];
            flipped[136 + (bit / 8)] ^= (byte)(1 << (bit % 8));
            Assert.Null(StreamPosition.TryParseRead(flipped));
        }
    }

    [Fact]
    public void No_bytes_make_a_parser_throw()
    {
        byte[][] valid =
        [
            _writer.First.ToBytes(), _writer.ToReadCapability().ToBytes(), _writer.ToBytes(),
            StreamPosition.ToBytes(_writer.ToReadCapability(), _writer.First), StreamPosition.ToBytes(_writer, _writer.First),
        ];
        for (int trial = 0; trial < 600; trial++)
        {
            byte[] input = trial % 2 == 0 ? Bytes(_random.Next(300)) : Mutated(valid[trial / 2 % valid.Length]);
            _ = MessageBoxIndex.TryParse(input, out MessageBoxIndex? index);
            Assert.Equal(input.Length == MessageBoxIndex.Size, index is not null);
            if (ReadCapability.TryParse(input, out ReadCapability? reader))
            {
                Assert.Equal(input, reader.ToBytes());
            }
            if (WriteCapability.TryParse(input, out WriteCapability? writer))
            {
                Assert.Equal(input, writer.ToBytes());
            }
            _ = StreamPosition.TryParseRead(input);
            _ = StreamPosition.TryParseWrite(input);
        }
    }

    [Fact]
    public void Misuse_is_an_exception()
    {
        ReadCapability reader = _writer.ToReadCapability();
        Assert.Throws<ArgumentNullException>(() => _writer.At(null!));
        Assert.Throws<ArgumentNullException>(() => reader.At(null!));
        Assert.Throws<ArgumentNullException>(() => reader.BoxIdAt(null!, []));
        Assert.Throws<ArgumentNullException>(() => reader.Open(_writer.First, [], null!, []));
        Assert.Throws<ArgumentNullException>(() => _writer.Seal(null!, [], []));
        Assert.Throws<ArgumentNullException>(() => _writer.Tombstone(null!, []));
        Assert.Throws<ArgumentNullException>(() => StreamPosition.IsReachable(null!, _writer.First));
        Assert.Throws<ArgumentException>(() => _writer.First.CopyTo(new byte[103]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BoxId(new byte[31]));
    }

    byte[] Mutated(byte[] source)
    {
        byte[] bytes = [.. source];
        for (int i = _random.Next(4); i >= 0; i--)
        {
            bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
        }
        return _random.Next(4) == 0 ? bytes[.._random.Next(bytes.Length)] : bytes;
    }

    byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
