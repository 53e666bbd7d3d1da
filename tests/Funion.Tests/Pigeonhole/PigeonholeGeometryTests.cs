using Funion.Bacap;
using Funion.Cryptography;
using Funion.Pigeonhole;

namespace Funion.Tests.Pigeonhole;

public sealed class PigeonholeGeometryTests
{
    [Theory]
    [InlineData(2_000, 1_677)]
    [InlineData(8_000, 7_677)]
    [InlineData(30_000, 29_677)]
    [InlineData(32_000, 31_677)]
    public void A_box_holds_323_bytes_less_than_a_packet(int userPayload, int maxPlaintext)
    {
        PigeonholeGeometry geometry = new(userPayload);
        Assert.Equal((maxPlaintext, maxPlaintext + 20), (geometry.MaxPlaintext, geometry.BoxCiphertextSize));
        Assert.Equal(userPayload, geometry.QuerySize);
        // type 1, envelope 137 + 32 without the ciphertext, MKEM 28.
        Assert.Equal((userPayload - 198, userPayload - 170), (geometry.InnerSize, geometry.SealedInnerSize));
        Assert.Equal(geometry.SealedInnerSize + 1, geometry.SealedReplySize);
        Assert.True(geometry.CourierReplySize <= new Funion.Sphinx.SphinxGeometry(userPayload).ReplyPayloadSize);
    }

    [Fact]
    public void The_largest_box_fills_a_query_to_the_last_byte()
    {
        PigeonholeGeometry geometry = new(30_000);
        WriteCapability write = WriteCapability.Create();
        Box box = write.Seal(write.First, BacapContext.Pigeonhole, geometry.PadPlaintext(new byte[geometry.MaxPlaintext]));
        Assert.Equal(geometry.BoxCiphertextSize, box.Ciphertext.Length);
        Assert.Equal(geometry.InnerSize, ReplicaRequest.ToStore(box).ToBytes(geometry).Length);
        Assert.Equal(Mkem.Overhead, geometry.SealedInnerSize - geometry.InnerSize);
    }

    [Fact]
    public void A_payload_without_room_for_a_byte_is_refused()
    {
        Assert.Equal(1, new PigeonholeGeometry(324).MaxPlaintext);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PigeonholeGeometry(323));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PigeonholeGeometry(2_000).PadPlaintext(new byte[1_678]));
    }

    [Fact]
    public void Padding_comes_off_and_nothing_else_does()
    {
        PigeonholeGeometry geometry = new(400);
        foreach (int length in (int[])[0, 1, 76, 77])
        {
            byte[] data = [.. Enumerable.Range(1, length).Select(i => (byte)i)];
            byte[] padded = geometry.PadPlaintext(data);
            Assert.Equal(geometry.MaxPlaintext + 4, padded.Length);
            Assert.Equal(data, PigeonholeGeometry.Unpad(padded)!.Value.ToArray());
        }
        byte[] dirty = geometry.PadPlaintext([1, 2]);
        dirty[^1] = 1;
        Assert.Null(PigeonholeGeometry.Unpad(dirty));
        Assert.Null(PigeonholeGeometry.Unpad(new byte[] { 0, 0, 0, 1 }));
        Assert.Null(PigeonholeGeometry.Unpad(new byte[] { 0xff, 0xff, 0xff, 0xff, 0 }));
        Assert.Null(PigeonholeGeometry.Unpad(new byte[3]));
    }
}
