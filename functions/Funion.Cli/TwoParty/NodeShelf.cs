using Funion.Cryptography;
using Funion.Network;
using Funion.Private.Direct;
using Funion.Private.Protocol;
using Funion.Private.Serving;

namespace Funion.Cli.TwoParty;

/// <summary>Where a compute node keeps what clients prepared with it: of each channel by itself, so that neither takes the other's room.</summary>
static class NodeShelf
{
    /// <summary>Of the direct channel, where each address has its share.</summary>
    /// <param name="state">A folder in which it survives; null: memory.</param>
    /// <param name="keys">The node's.</param>
    /// <param name="time">Clock.</param>
    public static MaterialShelf Direct(string? state, NodeKeys? keys, TimeProvider time) => Open(state, "two-party", keys, time, ShelfLimits.Memory, ShelfLimits.Disk);

    /// <summary>Of the anonymous one, where nobody has an address.</summary>
    /// <param name="state">A folder in which it survives; null: memory.</param>
    /// <param name="keys">The node's.</param>
    /// <param name="time">Clock.</param>
    public static MaterialShelf Anonymous(string? state, NodeKeys? keys, TimeProvider time) =>
        Open(state, "two-party-jobs", keys, time, ShelfLimits.Memory.Nameless, ShelfLimits.Disk.Nameless);

    static MaterialShelf Open(string? state, string folder, NodeKeys? keys, TimeProvider time, ShelfLimits memory, ShelfLimits disk) =>
        state is null || keys is null ? new MaterialShelf(memory, time) : new MaterialShelf(disk, time, OpenFolder(Path.Combine(state, folder), keys));

    /// <summary>Under a key that follows from the node's identity: whoever has that is the node.</summary>
    static MaterialFolder OpenFolder(string path, NodeKeys keys)
    {
        using SecretBytes key = new(SealedStream.KeySize);
        HkdfBlake2b.DeriveKey(keys.IdentitySeed.Span, [], "funion two-party shelf v1"u8, key.Span);
        return new MaterialFolder(path, key.Span);
    }
}
