using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Network;

namespace Funion.Sphinx;

/// <summary>
/// What a hop is told, 82 bytes, in this order and each at most once:
/// <code>
/// 0x01 next hop: node 32 ‖ MAC 32      0x02 recipient 32      0x03 SURB reply: id 16      0x80 delay: u32 BE ms      0x00 end; the rest is random
/// </code>
/// </summary>
ref struct HopCommands
{
    const byte End = 0x00;

    const byte Next = 0x01;

    const byte To = 0x02;

    const byte Reply = 0x03;

    const byte Hold = 0x80;

    public NodeId? NextHop;

    public ReadOnlySpan<byte> NextMac;

    public RecipientId? Recipient;

    public SurbId? SurbId;

    public uint DelayMilliseconds;

    /// <summary>Writes commands and random padding over the whole slot.</summary>
    public readonly void CopyTo(Span<byte> slot)
    {
        RandomNumberGenerator.Fill(slot);
        int at = 0;
        if (NextHop is { } next)
        {
            slot[at] = Next;
            next.AsSpan().CopyTo(slot[(at + 1)..]);
            NextMac.CopyTo(slot[(at + 1 + NodeId.Size)..]);
            at += 1 + NodeId.Size + SphinxGeometry.MacSize;
        }
        if (Recipient is { } recipient)
        {
            slot[at] = To;
            recipient.AsSpan().CopyTo(slot[(at + 1)..]);
            at += 1 + RecipientId.Size;
        }
        if (SurbId is { } id)
        {
            slot[at] = Reply;
            id.CopyTo(slot.Slice(at + 1, Sphinx.SurbId.Size));
            at += 1 + Sphinx.SurbId.Size;
        }
        slot[at] = Hold;
        BinaryPrimitives.WriteUInt32BigEndian(slot[(at + 1)..], DelayMilliseconds);
        slot[at + 5] = End;
    }

    /// <summary>Reads a slot; false for an unknown, repeated or cut-off command.</summary>
    public static bool TryParse(ReadOnlySpan<byte> slot, out HopCommands commands)
    {
        commands = default;
        bool held = false;
        while (slot.Length > 0)
        {
            byte command = slot[0];
            int size = command switch
            {
                End => 0,
                Next when commands.NextHop is null => NodeId.Size + SphinxGeometry.MacSize,
                To when commands.Recipient is null => RecipientId.Size,
                Reply when commands.SurbId is null => Sphinx.SurbId.Size,
                Hold when !held => sizeof(uint),
                _ => int.MaxValue,
            };
            if (command == End)
            {
                return true;
            }
            if (size > slot.Length - 1)
            {
                return false;
            }
            ReadOnlySpan<byte> value = slot.Slice(1, size);
            switch (command)
            {
                case Next:
                    commands.NextHop = new NodeId(value[..NodeId.Size]);
                    commands.NextMac = value[NodeId.Size..];
                    break;
                case To:
                    commands.Recipient = new RecipientId(value);
                    break;
                case Reply:
                    commands.SurbId = new SurbId(value);
                    break;
                default:
                    commands.DelayMilliseconds = BinaryPrimitives.ReadUInt32BigEndian(value);
                    held = true;
                    break;
            }
            slot = slot[(1 + size)..];
        }
        return true;
    }
}
