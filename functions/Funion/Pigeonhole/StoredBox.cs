using Funion.Bacap;

namespace Funion.Pigeonhole;

/// <summary>
/// A box as a replica keeps it:
/// <code>
/// box id 32 ‖ length u32 ‖ ciphertext ‖ signature 64
/// </code>
/// </summary>
static class StoredBox
{
    public static byte[] ToBytes(Box box)
    {
        byte[] bytes = new byte[BoxId.Size + PigeonholeGeometry.LengthSize + box.Ciphertext.Length + Box.SignatureSize];
        WireWriter writer = new(bytes);
        writer.Bytes(box.Id.AsSpan());
        writer.Prefixed(box.Ciphertext.Span);
        writer.Bytes(box.Signature.Span);
        return bytes;
    }

    /// <summary>Reads and verifies a stored box; null for one that its writer did not sign, which a damaged disk gives as well as a hostile one.</summary>
    public static Box? TryRead(BoxId id, ReadOnlyMemory<byte> bytes)
    {
        WireReader reader = new(bytes);
        ReadOnlyMemory<byte> storedId = reader.Bytes(BoxId.Size), ciphertext = reader.Prefixed(), signature = reader.Bytes(Box.SignatureSize);
        return !reader.Failed && reader.Remaining == 0 && storedId.Span.SequenceEqual(id.AsSpan())
            && Box.Verify(id, ciphertext.Span, signature.Span)
            ? new Box(id, ciphertext, signature)
            : null;
    }
}
