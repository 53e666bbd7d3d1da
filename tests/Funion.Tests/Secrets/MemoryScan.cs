using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Funion.Tests.Secrets;

/// <summary>
/// Looks for secrets in every writable page of this process. What it looks for it keeps under a mask, and its own buffer is pinned and left out, so that it
/// does not find itself.
/// </summary>
sealed class MemoryScan
{
    /// <summary>The ends of a key may be clamped in a copy; what lies between is not.</summary>
    const int Margin = 2;

    const byte Mask = 0xa5;

    const int BufferSize = 1 << 20, Overlap = 64;

    readonly Dictionary<string, byte[]> _masked = [];

    /// <summary>Adds a secret of 16 to 60 bytes.</summary>
    public void LookFor(string name, ReadOnlySpan<byte> secret)
    {
        byte[] masked = new byte[secret.Length - (2 * Margin)];
        for (int i = 0; i < masked.Length; i++)
        {
            masked[i] = (byte)(secret[i + Margin] ^ Mask);
        }
        _masked.Add(name, masked);
    }

    /// <summary>The names of the secrets that are somewhere, each once.</summary>
    public IReadOnlySet<string> Find()
    {
        // What nobody holds any more is wiped by its finalizer, where it has one.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        GC.WaitForPendingFinalizers();
        byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferSize + Overlap, pinned: true);
        HashSet<string> found = [];
        using SafeFileHandle memory = File.OpenHandle("/proc/self/mem");
        foreach ((long from, long to) in Writable())
        {
            for (long at = from; at < to; at += BufferSize)
            {
                Look(memory, buffer, at, (int)Math.Min(to - at, buffer.Length), found);
            }
        }
        buffer.AsSpan().Clear();
        return found;
    }

    unsafe void Look(SafeFileHandle memory, byte[] buffer, long at, int length, HashSet<string> found)
    {
        int read;
        fixed (byte* own = buffer)
        {
            if (at < (long)own + buffer.Length && at + length > (long)own)
            {
                LookAround(memory, buffer, at, length, (long)own, found);
                return;
            }
        }
        try
        {
            read = RandomAccess.Read(memory, buffer.AsSpan(0, length), at);
        }
        catch (IOException)
        {
            // Unmapped since the map was read, or a device.
            return;
        }
        Match(buffer.AsSpan(0, read), found);
    }

    /// <summary>The part before the own buffer and the part behind it.</summary>
    void LookAround(SafeFileHandle memory, byte[] buffer, long at, int length, long own, HashSet<string> found)
    {
        long end = at + length, behind = own + buffer.Length;
        if (at < own)
        {
            Look(memory, buffer, at, (int)(own - at), found);
        }
        if (behind < end)
        {
            Look(memory, buffer, behind, (int)(end - behind), found);
        }
    }

    void Match(Span<byte> bytes, HashSet<string> found)
    {
        foreach ((string name, byte[] masked) in _masked)
        {
            // Unmasked on the stack only, two bytes at a time.
            byte first = (byte)(masked[0] ^ Mask), second = (byte)(masked[1] ^ Mask);
            Span<byte> rest = bytes;
            while (!found.Contains(name) && rest.IndexOf([first, second]) is >= 0 and var place && place + masked.Length <= rest.Length)
            {
                if (IsAt(rest[place..], masked))
                {
                    found.Add(name);
                }
                rest = rest[(place + 1)..];
            }
        }
    }

    static bool IsAt(ReadOnlySpan<byte> bytes, byte[] masked)
    {
        for (int i = 0; i < masked.Length; i++)
        {
            if ((bytes[i] ^ Mask) != masked[i])
            {
                return false;
            }
        }
        return true;
    }

    static List<(long From, long To)> Writable()
    {
        List<(long, long)> ranges = [];
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] parts = line.Split([' ', '-'], 4);
            if (parts[2].StartsWith("rw", StringComparison.Ordinal))
            {
                ranges.Add((
                    long.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
            }
        }
        return ranges;
    }
}
