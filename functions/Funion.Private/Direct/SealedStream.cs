using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Private.Protocol;

namespace Funion.Private.Direct;

/// <summary>
/// A stream of records, each sealed for its place; a key for each direction, good for one connection.
/// <code>
/// record = length 4 ‖ AES-256-GCM(key, nonce = number of the record 12, bound to length, content)        little-endian; 1 to 256 KiB of content
/// </code>
/// A number for a nonce is safe, for a key seals one direction of one connection. A record that is not the next one is an <see cref="IOException"/>, and
/// <see cref="WasChanged"/>; so nothing of it, and nothing after it, is ever read. One read and one write at a time.
/// </summary>
public sealed class SealedStream : Stream
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = 32;

    const int MaxContent = 1 << 18, TagSize = 16, HeaderSize = 4;

    readonly Stream _line;
    readonly AesGcm _seal, _open;
    readonly byte[] _out = new byte[HeaderSize + MaxContent + TagSize], _in = new byte[MaxContent + TagSize], _content = new byte[MaxContent];
    readonly byte[] _header = new byte[HeaderSize];
    ulong _sealed, _opened;
    Memory<byte> _left;

    /// <summary>Seals a line.</summary>
    /// <param name="line">Disposed with this.</param>
    /// <param name="sealing">Of what is written; copied.</param>
    /// <param name="opening">Of what is read; copied.</param>
    public SealedStream(Stream line, ReadOnlySpan<byte> sealing, ReadOnlySpan<byte> opening)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sealing.Length, KeySize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(opening.Length, KeySize);
        _line = line;
        _seal = new AesGcm(sealing, TagSize);
        _open = new AesGcm(opening, TagSize);
    }

    /// <summary>Whether a record came that the other side did not send, or not then.</summary>
    public bool WasChanged { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (int at = 0; at < buffer.Length; at += MaxContent)
        {
            ReadOnlyMemory<byte> content = buffer.Slice(at, Math.Min(MaxContent, buffer.Length - at));
            Seal(content.Span);
            await _line.WriteAsync(_out.AsMemory(0, HeaderSize + content.Length + TagSize), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left.IsEmpty && !await NextAsync(cancellationToken))
        {
            return 0;
        }
        int count = Math.Min(buffer.Length, _left.Length);
        _left[..count].CopyTo(buffer);
        _left = _left[count..];
        return count;
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        Wipe();
        await BrokenLine.CloseAsync(_line);
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Wipe();
            _line.Dispose();
        }
        base.Dispose(disposing);
    }

    void Seal(ReadOnlySpan<byte> content)
    {
        Span<byte> header = _out.AsSpan(0, HeaderSize), sealedContent = _out.AsSpan(HeaderSize, content.Length), tag = _out.AsSpan(HeaderSize + content.Length, TagSize);
        BinaryPrimitives.WriteInt32LittleEndian(header, content.Length);
        _seal.Encrypt(Nonce(_sealed++), content, sealedContent, tag, header);
    }

    async ValueTask<bool> NextAsync(CancellationToken cancellation)
    {
        if (WasChanged)
        {
            throw new IOException("The line was changed.");
        }
        int begun = await _line.ReadAtLeastAsync(_header, HeaderSize, throwOnEndOfStream: false, cancellation);
        if (begun < HeaderSize)
        {
            return false;
        }
        int length = BinaryPrimitives.ReadInt32LittleEndian(_header);
        if (length is < 1 or > MaxContent)
        {
            WasChanged = true;
            throw new IOException("The line was changed.");
        }
        Memory<byte> record = _in.AsMemory(0, length + TagSize);
        if (await _line.ReadAtLeastAsync(record, record.Length, throwOnEndOfStream: false, cancellation) < record.Length)
        {
            return false;
        }
        try
        {
            _open.Decrypt(Nonce(_opened++), record.Span[..length], record.Span[length..], _content.AsSpan(0, length), _header);
        }
        catch (AuthenticationTagMismatchException)
        {
            WasChanged = true;
            throw new IOException("The line was changed.");
        }
        _left = _content.AsMemory(0, length);
        return true;
    }

    void Wipe()
    {
        _seal.Dispose();
        _open.Dispose();
        CryptographicOperations.ZeroMemory(_content);
        _left = default;
    }

    static byte[] Nonce(ulong number)
    {
        byte[] nonce = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, number);
        return nonce;
    }
}
