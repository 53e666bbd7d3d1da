using System.IO.Pipelines;

namespace Funion.Tests.Private.Direct;

/// <summary>Two ends of a line in one process. What one side writes may be changed on its way, write by write.</summary>
sealed class Line(Stream reads, Stream writes, Func<int, byte[], byte[]>? change) : Stream
{
    int _written;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static (Line Client, Line Server) Pair(Func<int, byte[], byte[]>? client = null, Func<int, byte[], byte[]>? server = null)
    {
        PipeOptions wide = new(pauseWriterThreshold: 1 << 22, resumeWriterThreshold: 1 << 21);
        Pipe up = new(wide), down = new(wide);
        return (new(down.Reader.AsStream(), up.Writer.AsStream(), client), new(up.Reader.AsStream(), down.Writer.AsStream(), server));
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await writes.WriteAsync(change is null ? buffer : change(_written++, buffer.ToArray()), cancellationToken);
        await writes.FlushAsync(cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => reads.ReadAsync(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            writes.Dispose();
            reads.Dispose();
        }
        base.Dispose(disposing);
    }
}
