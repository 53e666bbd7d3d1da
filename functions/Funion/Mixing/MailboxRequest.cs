using System.Buffers.Binary;
using Funion.Cryptography;
using Funion.Sphinx;

namespace Funion.Mixing;

/// <summary>
/// A poll of a mailbox at a gateway: the whole body of <c>POST /v1/mailbox</c>.
/// <code>
/// secret 32 ‖ epoch u64 BE ‖ cursor 16·m
/// </code>
/// The mailbox id is a hash of the secret and the epoch, so it rotates, and showing the secret proves that the mailbox is the asker's.
/// It stands in the body because URLs reach logs. The cursor is the ids of the last answer, echoed (zeros before the first): what the asker
/// has. Nothing is deleted before it comes back, so a lost answer loses no packet.
/// </summary>
/// <param name="Secret">32 bytes; only ever shown to this gateway.</param>
/// <param name="Epoch">Network epoch of the mailbox.</param>
/// <param name="Cursor">m ids of 16 bytes.</param>
public sealed record MailboxRequest(ReadOnlyMemory<byte> Secret, long Epoch, ReadOnlyMemory<byte> Cursor)
{
    /// <summary>Length of a mailbox secret in bytes.</summary>
    public const int SecretSize = 32;

    static ReadOnlySpan<byte> Label => "funion-mailbox-v1"u8;

    /// <summary>Length in bytes of a poll that asks for <paramref name="packets"/> packets.</summary>
    public static int Size(int packets) => SecretSize + sizeof(long) + (packets * SurbId.Size);

    /// <summary>The id under which a gateway keeps the mailbox: BLAKE2b-256(label ‖ epoch u64 BE ‖ secret).</summary>
    public static RecipientId MailboxId(ReadOnlySpan<byte> secret, long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SecretSize);
        Span<byte> input = stackalloc byte[Label.Length + sizeof(long) + SecretSize];
        Span<byte> id = stackalloc byte[RecipientId.Size];
        Label.CopyTo(input);
        BinaryPrimitives.WriteInt64BigEndian(input[Label.Length..], epoch);
        secret.CopyTo(input[(Label.Length + sizeof(long))..]);
        Blake2b.Hash256(input, id);
        input.Clear();
        return new RecipientId(id);
    }

    /// <summary>The body.</summary>
    public byte[] ToBytes()
    {
        byte[] body = new byte[SecretSize + sizeof(long) + Cursor.Length];
        Secret.Span.CopyTo(body);
        BinaryPrimitives.WriteInt64BigEndian(body.AsSpan(SecretSize), Epoch);
        Cursor.CopyTo(body.AsMemory(SecretSize + sizeof(long)));
        return body;
    }

    /// <summary>Reads a body of exactly the size that <paramref name="packets"/> asks for; null for any other.</summary>
    public static MailboxRequest? TryParse(ReadOnlyMemory<byte> body, int packets)
    {
        if (body.Length != Size(packets))
        {
            return null;
        }
        long epoch = BinaryPrimitives.ReadInt64BigEndian(body.Span[SecretSize..]);
        return epoch < 0 ? null : new MailboxRequest(body[..SecretSize], epoch, body[(SecretSize + sizeof(long))..]);
    }
}
