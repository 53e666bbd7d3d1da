using System.Security.Cryptography;
using Funion.Private.Protocol;

namespace Funion.Private.Anonymous;

/// <summary>
/// A client's end of a session through the mixnet: pieces of what it says go out as jobs, several at a time, and each brings back a piece of what the server
/// has said by then. A job that is lost is asked again, with the same content in other boxes.
/// </summary>
/// <param name="segmentSize">Bytes of a segment: <see cref="AnonymousProvider.SegmentSize"/>.</param>
/// <param name="exchange">Asks one job, under fresh capabilities; null: it was lost.</param>
public sealed class AnonymousChannel(int segmentSize, Func<ReadOnlyMemory<byte>, CancellationToken, Task<ReadOnlyMemory<byte>?>> exchange)
    : MessageChannel(ChannelKind.Anonymous)
{
    const int Window = 4, Attempts = 3, MostAhead = 1 << 24;

    /// <summary>Answers that bring less than a full piece while nothing else is under way: some at all times, some for each wait. A server that always says "later" gets no more.</summary>
    const int Idle = 32, IdleOfWait = 4;

    readonly Bytes32 _session = new(RandomNumberGenerator.GetBytes(Bytes32.Size));
    readonly OrderedBytes _in = new(MostAhead);
    readonly List<(Task<ReadOnlyMemory<byte>?> Answer, int Until, int Floor)> _underWay = [];
    readonly MemoryStream _out = new();
    int _sent, _there, _acknowledged, _idle, _waits;
    bool _over;

    int Most => segmentSize - Segment.UpHeader;

    int MostDown => segmentSize - Segment.DownHeader;

    /// <summary>Jobs so far.</summary>
    public int Jobs { get; private set; }

    /// <summary>The architecture of the model, by a job of its own; null when it was lost.</summary>
    public async Task<ReadOnlyMemory<byte>?> FetchArchitectureAsync(CancellationToken cancellation) =>
        await AskAsync(Segment.Up(segmentSize, Segment.Architecture, default, 0, 0, []), cancellation) is { } answer
        && Segment.TryReadDown(answer, out var down) && down.State == Segment.Open ? down.Bytes : default(ReadOnlyMemory<byte>?);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        CryptographicOperations.ZeroMemory(_out.GetBuffer());
        await _out.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        _out.Write(header.Span);
        _out.Write(body.Span);
        // Full pieces go at once; the rest when something is waited for.
        while (_out.Length - _sent >= Most && _underWay.Count < Window)
        {
            Send(cancellation);
        }
        return ValueTask.FromResult(!_over);
    }

    /// <inheritdoc/>
    protected override async ValueTask<bool> ReadAsync(Memory<byte> bytes, CancellationToken cancellation)
    {
        _waits++;
        while (_in.Available < bytes.Length)
        {
            if (_idle > Idle + (IdleOfWait * (long)_waits))
            {
                return false;
            }
            while (_underWay.Count < Window && (_sent < _out.Length || _underWay.Count == 0 || Asked < _there))
            {
                Send(cancellation);
            }
            Task<ReadOnlyMemory<byte>?> first = await Task.WhenAny(_underWay.Select(job => job.Answer));
            int floor = _underWay.Find(job => job.Answer == first).Floor;
            _underWay.RemoveAll(job => job.Answer == first);
            if (!Take(await first, floor) || (_over && _in.Available < bytes.Length && _in.Taken >= _there))
            {
                return false;
            }
        }
        _in.Read(bytes.Span);
        return true;
    }

    /// <summary>Up to where the server's stream is here, or asked for.</summary>
    int Asked => Math.Max(_in.Taken, _underWay.Select(job => job.Until).DefaultIfEmpty(0).Max());

    /// <summary>A job with the next piece, or with none; it fetches what nobody has asked for. While more is to be said there is as a rule nothing new to fetch.</summary>
    void Send(CancellationToken cancellation)
    {
        int count = (int)Math.Min(Most, _out.Length - _sent), wanted = Asked < _there ? Asked : _in.Taken;
        byte[] segment = Segment.Up(segmentSize, Segment.Piece, _session, _sent, wanted, _out.GetBuffer().AsSpan(_sent, count));
        _sent += count;
        int until = wanted < _there ? wanted + MostDown : 0;
        _underWay.Add((AskAsync(segment, cancellation), until, _acknowledged));
    }

    /// <param name="answer">Of one job.</param>
    /// <param name="floor">Bytes that the server had acknowledged when the job went out: one that has fewer is another one, and knows nothing of the session.</param>
    bool Take(ReadOnlyMemory<byte>? answer, int floor)
    {
        if (answer is not { } segment || !Segment.TryReadDown(segment, out var down) || down.Taken < floor)
        {
            return false;
        }
        _acknowledged = Math.Max(_acknowledged, down.Taken);
        _there = Math.Max(_there, down.There);
        _over |= down.State == Segment.Over;
        _in.Add(down.Offset, down.Bytes.Span);
        _idle += _underWay.Count == 0 && down.Bytes.Length < MostDown ? 1 : 0;
        return true;
    }

    async Task<ReadOnlyMemory<byte>?> AskAsync(byte[] segment, CancellationToken cancellation)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Jobs++;
            if (await exchange(segment, cancellation) is { } answer)
            {
                return answer;
            }
        }
        return null;
    }
}
