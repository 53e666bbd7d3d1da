using System.Buffers.Binary;

namespace Funion.Private.Enclaves;

/// <summary>Messages over a pair of streams; see <see cref="EnclaveMessage"/>. It counts the bytes that cross.</summary>
/// <param name="input">What the other side writes.</param>
/// <param name="output">What this side writes.</param>
public sealed class EnclavePipe(Stream input, Stream output) : IDisposable
{
    /// <summary>Largest body.</summary>
    public const int MaxBody = 1 << 30;

    const int HeaderSize = 5;

    readonly byte[] _header = new byte[HeaderSize];

    byte[] _kept = new byte[1 << 16];

    /// <summary>Bytes that were written.</summary>
    public long Sent { get; private set; }

    /// <summary>Bytes that were read.</summary>
    public long Received { get; private set; }

    /// <summary>Writes a message whose body is in parts.</summary>
    public void Write(EnclaveMessage kind, params ReadOnlySpan<byte[]> parts)
    {
        int length = 0;
        foreach (byte[] part in parts)
        {
            length = checked(length + part.Length);
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxBody);
        byte[] header = new byte[HeaderSize];
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        header[4] = (byte)kind;
        output.Write(header);
        foreach (byte[] part in parts)
        {
            output.Write(part);
        }
        output.Flush();
        Sent += HeaderSize + length;
    }

    /// <summary>Reads the next message; false when the other side is gone, or says that it is longer than any is.</summary>
    public bool TryRead(out EnclaveMessage kind, out byte[] body)
    {
        bool read = TryReadInPlace(out kind, out ReadOnlySpan<byte> kept);
        body = kept.ToArray();
        return read;
    }

    /// <summary>The same without a copy: good until the next message is read.</summary>
    public bool TryReadInPlace(out EnclaveMessage kind, out ReadOnlySpan<byte> body)
    {
        kind = default;
        body = [];
        if (input.ReadAtLeast(_header, HeaderSize, throwOnEndOfStream: false) != HeaderSize
            || BinaryPrimitives.ReadInt32LittleEndian(_header) is var length && length is < 0 or > MaxBody)
        {
            return false;
        }
        kind = (EnclaveMessage)_header[4];
        // Memory is taken as bytes come, so that a length alone takes none.
        int read = 0;
        while (read < length)
        {
            if (read == _kept.Length)
            {
                Array.Resize(ref _kept, (int)Math.Min(length, 4L * _kept.Length));
            }
            int more = input.Read(_kept, read, Math.Min(length, _kept.Length) - read);
            if (more == 0)
            {
                return false;
            }
            read += more;
        }
        body = _kept.AsSpan(0, length);
        Received += HeaderSize + length;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        input.Dispose();
        output.Dispose();
    }
}
