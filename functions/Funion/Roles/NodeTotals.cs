using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Network;

namespace Funion.Roles;

/// <summary>
/// What a node's processes know together, where a host runs its functions apart: one sends loops, another meets their replies, a third takes packets in
/// and must know how late the second is. Each keeps one record in the node's store, under a name drawn when it began, and reads the others'.
/// <code>
/// record = sent ‖ returned ‖ damaged ‖ late ‖ lateness of the gauge in ms ‖ when it was so late ‖ loops in time ‖ when the last of those left
///          ‖ when the first of a row left that was not ‖ when that was known: i64 BE each, times unix ms; the first four in this epoch
/// </code>
/// </summary>
/// <param name="store">The node's store.</param>
/// <param name="document">The network.</param>
/// <param name="loops">The node's own loops.</param>
/// <param name="counters">This process's totals of them.</param>
/// <param name="gauge">This process's gauge, at a gateway.</param>
/// <param name="admission">What this process takes from clients, at a gateway.</param>
/// <param name="time">Clock.</param>
public sealed class NodeTotals(
    BoxStore store, NetworkDocument document, LoopRole loops, LoopCounters counters, LoadGauge? gauge, Admission? admission, TimeProvider time)
    : IDisposable
{
    /// <summary>Shelf of the records, by network epoch.</summary>
    public const string Shelf = "totals";

    const int RecordSize = 10 * sizeof(long);

    /// <summary>How long a record that says nothing new is looked at every time: after that its process may be gone, and is looked at as often as this.</summary>
    static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(10);

    readonly string _name = RandomNumberGenerator.GetHexString(32, lowercase: true);
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly Dictionary<(long Epoch, string Name), (Record Record, DateTimeOffset Since, DateTimeOffset Read)> _others = [];
    DateTimeOffset _nextWrite = DateTimeOffset.MinValue, _nextRead = DateTimeOffset.MinValue, _nextReport = DateTimeOffset.MinValue;
    Record _written, _before;
    LoopTotals _base;
    LoopReport? _report;
    long _epoch = -1;

    /// <summary>How often a process says something, and asks: often enough that a gateway closes before a mix drops.</summary>
    TimeSpan Interval => document.Slack / 8 < TimeSpan.FromSeconds(10) ? document.Slack / 8 : TimeSpan.FromSeconds(10);

    /// <summary>Says what this process knows, when it is time and there is something new.</summary>
    public ValueTask ShareAsync(CancellationToken cancellation) => InTurnAsync(() => _nextWrite, WriteAsync, cancellation);

    /// <summary>Takes over what the others say, when it is time.</summary>
    public ValueTask LearnAsync(CancellationToken cancellation) => InTurnAsync(() => _nextRead, ReadAsync, cancellation);

    /// <summary>What became of the node's loops, in this epoch and the one before.</summary>
    /// <exception cref="PortUnavailableException">The store is away.</exception>
    public async ValueTask<LoopReport> ReportAsync(CancellationToken cancellation)
    {
        // Anybody may ask, as often as he likes: it is counted once in a while.
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_report is null || time.GetUtcNow() >= _nextReport)
            {
                await WriteAsync(cancellation);
                await ReadAsync(cancellation);
                long lost = await loops.CountLostAsync(DateTimeOffset.MinValue, cancellation);
                _report = loops.Report(_others.Values.Aggregate(_before.Loops + _written.Loops, (sum, other) => sum + other.Record.Loops), lost);
                _nextReport = time.GetUtcNow() + Interval;
            }
            return _report;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>One at a time; who comes meanwhile goes on with what is known. A store that is away is asked again the next time.</summary>
    async ValueTask InTurnAsync(Func<DateTimeOffset> next, Func<CancellationToken, ValueTask> step, CancellationToken cancellation)
    {
        if (time.GetUtcNow() < next() || !await _turn.WaitAsync(TimeSpan.Zero, cancellation))
        {
            return;
        }
        try
        {
            await step(cancellation);
        }
        catch (PortUnavailableException)
        {
        }
        finally
        {
            _turn.Release();
        }
    }

    async ValueTask WriteAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        _nextWrite = now + Interval;
        long epoch = document.EpochAt(now);
        if (epoch != _epoch)
        {
            // What was counted after the last record of an epoch goes into the first of the next.
            _base += _written.Loops;
            (_before, _written, _epoch) = (_epoch == epoch - 1 ? _written : default, default, epoch);
        }
        (TimeSpan late, DateTimeOffset at) = gauge?.Worst ?? (TimeSpan.Zero, DateTimeOffset.UnixEpoch);
        Record record = new(counters.Totals - _base, (long)late.TotalMilliseconds, Time(at), admission?.News ?? default);
        if (record == _written)
        {
            return;
        }
        StoreKey key = new(Shelf, epoch, _name);
        byte[] value = record.ToBytes();
        PutOutcome outcome = await store.GetAsync(key, cancellation) is { } there
            ? await store.ReplaceIfUnchangedAsync(key, value, there.Version, cancellation)
            : await store.PutIfAbsentAsync(key, value, cancellation);
        _written = outcome == PutOutcome.Created ? record : _written;
    }

    async ValueTask ReadAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        _nextRead = now + Interval;
        long epoch = document.EpochAt(now);
        foreach ((long, string) past in _others.Keys.Where(key => key.Epoch < epoch - 1).ToArray())
        {
            _others.Remove(past);
        }
        for (long at = epoch; at >= epoch - 1; at--)
        {
            await foreach (string name in store.ListAsync(Shelf, at, "", cancellation))
            {
                bool known = _others.TryGetValue((at, name), out (Record Record, DateTimeOffset Since, DateTimeOffset Read) other);
                if (name == _name || (known && now - other.Since > s_fresh && now - other.Read < s_fresh)
                    || await store.GetAsync(new StoreKey(Shelf, at, name), cancellation) is not { } value || Record.Of(value.Value.Span) is not { } record)
                {
                    continue;
                }
                _others[(at, name)] = (record, known && record == other.Record ? other.Since : now, now);
                gauge?.Report(TimeSpan.FromMilliseconds(record.LateMilliseconds), Time(record.LateAt));
                // Heard for the first time, only what is new by its own time counts.
                admission?.Hear(known ? other.Record.News : record.News with { Full = default }, record.News);
            }
        }
    }

    static DateTimeOffset Time(long milliseconds) => DateTimeOffset.UnixEpoch + TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, (long)TimeSpan.FromDays(365_000).TotalMilliseconds));

    static long Time(DateTimeOffset at) => Math.Max(0, at.ToUnixTimeMilliseconds());

    readonly record struct Record(LoopTotals Loops, long LateMilliseconds, long LateAt, AdmissionNews News)
    {
        public static Record? Of(ReadOnlySpan<byte> bytes) => bytes.Length == RecordSize
            ? new Record(
                new LoopTotals(At(bytes, 0), At(bytes, 1), At(bytes, 2), At(bytes, 3)), At(bytes, 4), At(bytes, 5),
                new AdmissionNews(At(bytes, 6), Time(At(bytes, 7)), Time(At(bytes, 8)), Time(At(bytes, 9))))
            : null;

        public byte[] ToBytes()
        {
            byte[] bytes = new byte[RecordSize];
            Span<long> fields = [Loops.Sent, Loops.Returned, Loops.Damaged, Loops.Late, LateMilliseconds, LateAt, News.InTime, Time(News.LastLeft), Time(News.FullFirst), Time(News.Full)];
            for (int i = 0; i < fields.Length; i++)
            {
                BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * sizeof(long)), fields[i]);
            }
            return bytes;
        }

        static long At(ReadOnlySpan<byte> bytes, int field) => BinaryPrimitives.ReadInt64BigEndian(bytes[(field * sizeof(long))..]);
    }
}
