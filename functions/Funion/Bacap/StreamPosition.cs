namespace Funion.Bacap;

/// <summary>
/// Where a reader or writer of a stream is: capability ‖ current index, 240 or 272 bytes. Reading one back checks that the index lies on the
/// capability's stream by walking there, over a bounded distance.
/// </summary>
public static class StreamPosition
{
    /// <summary>The longest walk that is checked, in boxes.</summary>
    public const ulong LongestWalk = 1 << 18;

    /// <summary>Length in bytes of a reader's position.</summary>
    public const int ReadSize = ReadCapability.Size + MessageBoxIndex.Size;

    /// <summary>Length in bytes of a writer's position.</summary>
    public const int WriteSize = WriteCapability.Size + MessageBoxIndex.Size;

    /// <summary>Whether advancing <paramref name="first"/> reaches exactly <paramref name="current"/>.</summary>
    public static bool IsReachable(MessageBoxIndex first, MessageBoxIndex current)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(current);
        return current.Index >= first.Index && current.Index - first.Index <= LongestWalk
            && first.TryAdvanceTo(current.Index, out MessageBoxIndex? there) == AdvanceOutcome.Advanced && current.Equals(there);
    }

    /// <summary>Lays out a reader's position.</summary>
    public static byte[] ToBytes(ReadCapability capability, MessageBoxIndex current)
    {
        ArgumentNullException.ThrowIfNull(capability);
        ArgumentNullException.ThrowIfNull(current);
        return [.. capability.ToBytes(), .. current.ToBytes()];
    }

    /// <summary>Lays out a writer's position.</summary>
    public static byte[] ToBytes(WriteCapability capability, MessageBoxIndex current)
    {
        ArgumentNullException.ThrowIfNull(capability);
        ArgumentNullException.ThrowIfNull(current);
        return [.. capability.ToBytes(), .. current.ToBytes()];
    }

    /// <summary>Reads a reader's position; null when it is malformed or off the stream.</summary>
    public static (ReadCapability Capability, MessageBoxIndex Current)? TryParseRead(ReadOnlySpan<byte> bytes) =>
        bytes.Length == ReadSize && ReadCapability.TryParse(bytes[..ReadCapability.Size], out ReadCapability? capability)
        && MessageBoxIndex.TryParse(bytes[ReadCapability.Size..], out MessageBoxIndex? current) && IsReachable(capability.First, current)
            ? (capability, current)
            : null;

    /// <summary>Reads a writer's position; null when it is malformed or off the stream.</summary>
    public static (WriteCapability Capability, MessageBoxIndex Current)? TryParseWrite(ReadOnlySpan<byte> bytes) =>
        bytes.Length == WriteSize && WriteCapability.TryParse(bytes[..WriteCapability.Size], out WriteCapability? capability)
        && MessageBoxIndex.TryParse(bytes[WriteCapability.Size..], out MessageBoxIndex? current) && IsReachable(capability.First, current)
            ? (capability, current)
            : null;
}
