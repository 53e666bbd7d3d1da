using System.Buffers.Binary;
using Funion.Bacap;

namespace Funion.Tests.Bacap;

/// <summary>What a reader and a writer of a stream can and cannot do.</summary>
public sealed class StreamTests
{
    readonly Random _random = new(20260506);
    readonly WriteCapability _writer = WriteCapability.Create();

    static ReadOnlySpan<byte> Context => BacapContext.Pigeonhole;

    [Fact]
    public void A_reader_opens_every_box_from_its_index_on_and_none_before()
    {
        MessageBoxIndex index = _writer.First;
        List<(MessageBoxIndex Index, Box Box)> boxes = [];
        for (int i = 0; i < 6; i++)
        {
            boxes.Add((index, _writer.Seal(index, Context, [(byte)i])));
            Assert.True(index.TryNext(out MessageBoxIndex? next));
            index = next;
        }
        Assert.Equal(6, boxes.Select(entry => entry.Box.Id).Distinct().Count());

        ReadCapability later = _writer.ToReadCapability().At(boxes[3].Index);
        byte[] plaintext = new byte[1];
        for (int i = 0; i < 6; i++)
        {
            ulong target = boxes[i].Index.Index;
            AdvanceOutcome outcome = later.First.TryAdvanceTo(target, out MessageBoxIndex? reached);
            Assert.Equal(i < 3 ? AdvanceOutcome.CannotRewind : AdvanceOutcome.Advanced, outcome);
            if (i < 3)
            {
                // All that it holds, tried on an earlier box.
                Assert.Null(reached);
                Assert.Equal(OpenOutcome.BoxMismatch, later.Open(later.First, Context, boxes[i].Box, plaintext));
                Assert.Equal(OpenOutcome.DecryptFailed, ReadCapability.Decrypt(later.First, Context, boxes[i].Box, plaintext));
            }
            else
            {
                Assert.Equal(OpenOutcome.Opened, later.Open(reached!, Context, boxes[i].Box, plaintext));
                Assert.Equal(i, plaintext[0]);
            }
        }
    }

    [Fact]
    public void The_box_id_is_compared_before_anything_else()
    {
        MessageBoxIndex index = _writer.First;
        Assert.True(index.TryNext(out MessageBoxIndex? next));
        ReadCapability reader = _writer.ToReadCapability();
        Box box = _writer.Seal(index, Context, [1, 2, 3]);
        byte[] plaintext = new byte[3];
        Box tombstoneOfAnother = _writer.Tombstone(next, Context);
        Assert.True(Box.Verify(tombstoneOfAnother.Id, [], tombstoneOfAnother.Signature.Span));
        Assert.Equal(OpenOutcome.BoxMismatch, reader.Open(index, Context, tombstoneOfAnother, plaintext));
        Assert.Equal(OpenOutcome.BoxMismatch, reader.Open(index, Context, new Box(tombstoneOfAnother.Id, box.Ciphertext, new byte[64]), plaintext));
        Assert.Equal(OpenOutcome.BoxMismatch, reader.Open(index, "another"u8, box, plaintext));
        Assert.Equal(OpenOutcome.Tombstone, reader.Open(next, Context, tombstoneOfAnother, plaintext));
        Assert.Equal(OpenOutcome.SignatureInvalid, reader.Open(index, Context, box with { Ciphertext = default }, plaintext));
        Assert.Equal(OpenOutcome.Opened, reader.Open(index, Context, box, plaintext));
    }

    [Fact]
    public void Every_flipped_bit_of_a_box_is_refused()
    {
        Box box = _writer.Seal(_writer.First, Context, [7, 7]);
        ReadCapability reader = _writer.ToReadCapability();
        byte[] ciphertext = box.Ciphertext.ToArray(), signature = box.Signature.ToArray(), plaintext = new byte[2];
        foreach (byte[] field in (byte[][])[ciphertext, signature])
        {
            for (int bit = 0; bit < field.Length * 8; bit++)
            {
                field[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.Equal(OpenOutcome.SignatureInvalid, reader.Open(_writer.First, Context, new Box(box.Id, ciphertext, signature), plaintext));
                field[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
        Assert.Equal(OpenOutcome.Opened, reader.Open(_writer.First, Context, new Box(box.Id, ciphertext, signature), plaintext));
    }

    [Fact]
    public void What_the_writer_signs_but_does_not_encrypt_is_no_plaintext_and_no_exception()
    {
        Box box = _writer.Seal(_writer.First, Context, [1, 2, 3, 4]);
        ReadCapability reader = _writer.ToReadCapability();
        // A buffer made for smaller boxes: the size is the writer's choice, not the reader's error.
        Assert.Equal(OpenOutcome.DecryptFailed, reader.Open(_writer.First, Context, box, new byte[3]));
        for (int length = 0; length < 80; length++)
        {
            Box hostile = new(box.Id, box.Ciphertext, Bytes(length));
            Assert.Equal(OpenOutcome.SignatureInvalid, reader.Open(_writer.First, Context, hostile, new byte[4]));
        }
    }

    [Fact]
    public void Sealing_is_deterministic_and_an_empty_plaintext_is_no_tombstone()
    {
        Box first = _writer.Seal(_writer.First, Context, [9]), second = _writer.Seal(_writer.First, Context, [9]);
        Assert.Equal(first.Id, second.Id);
        Assert.True(first.Ciphertext.Span.SequenceEqual(second.Ciphertext.Span) && first.Signature.Span.SequenceEqual(second.Signature.Span));
        Box empty = _writer.Seal(_writer.First, Context, []);
        Assert.False(empty.IsTombstone);
        Assert.Equal(OpenOutcome.Opened, _writer.ToReadCapability().Open(_writer.First, Context, empty, []));
        Assert.NotEqual(first.Id, _writer.Seal(_writer.First, "another"u8, [9]).Id);
    }

    [Fact]
    public void Writer_and_reader_name_the_same_boxes()
    {
        MessageBoxIndex index = _writer.First;
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(_writer.ToReadCapability().BoxIdAt(index, Context), _writer.Tombstone(index, Context).Id);
            Assert.True(index.TryNext(out MessageBoxIndex? next));
            index = next;
        }
    }

    [Fact]
    public void The_ratchet_ends_at_the_last_index()
    {
        byte[] bytes = _writer.First.ToBytes();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, ulong.MaxValue - 2);
        Assert.True(MessageBoxIndex.TryParse(bytes, out MessageBoxIndex? index));
        Assert.Equal(AdvanceOutcome.Advanced, index.TryAdvanceTo(ulong.MaxValue, out MessageBoxIndex? last));
        Assert.Equal(ulong.MaxValue, last!.Index);
        Assert.False(last.TryNext(out MessageBoxIndex? beyond));
        Assert.Null(beyond);
        Assert.Equal(OpenOutcome.Opened, _writer.ToReadCapability().Open(last, Context, _writer.Seal(last, Context, []), []));
    }

    [Fact]
    public void A_walk_is_the_same_as_single_steps()
    {
        MessageBoxIndex index = _writer.First;
        for (ulong distance = 0; distance < 20; distance++)
        {
            Assert.Equal(AdvanceOutcome.Advanced, _writer.First.TryAdvanceTo(_writer.First.Index + distance, out MessageBoxIndex? walked));
            Assert.Equal(index, walked);
            Assert.True(index.TryNext(out MessageBoxIndex? next));
            index = next;
        }
    }

    [Fact]
    public void Streams_start_far_apart_and_below_the_middle()
    {
        for (int i = 0; i < 50; i++)
        {
            MessageBoxIndex first = MessageBoxIndex.CreateRandom(), second = MessageBoxIndex.CreateRandom();
            Assert.InRange(first.Index, 1UL, (1UL << 63) - 1);
            Assert.NotEqual(first.Index, second.Index);
            Assert.NotEqual(first, second);
        }
    }

    [Fact]
    public void A_reseeded_stream_is_another_stream_at_the_same_place()
    {
        MessageBoxIndex reseeded = _writer.First.Reseed(Bytes(32));
        Assert.Equal(_writer.First.Index, reseeded.Index);
        Assert.NotEqual(_writer.First, reseeded);
        Assert.NotEqual(_writer.ToReadCapability().BoxIdAt(_writer.First, Context), _writer.ToReadCapability().BoxIdAt(reseeded, Context));
    }

    byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
