using System.Security.Cryptography;
using Funion.Inference;
using Funion.Network;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Serving;

namespace Funion.Private.Anonymous;

/// <summary>
/// Two-party inference as jobs: what compute runs in place of a model. A batch brings pieces of sessions, each is handed on as far as it goes, and every job is
/// answered with a piece of the same size, at the boundary, like any answer. Dummies bring what is no piece, and are answered alike.
/// </summary>
public sealed class AnonymousProvider : IDisposable
{
    /// <summary>Boxes of a job, each way: small rounds cost little, large ones go in several jobs at a time.</summary>
    public const int Boxes = 2;

    /// <summary>The one tensor of a job, each way.</summary>
    public const string TensorName = "segment";

    /// <summary>What a model's phases may come to here; a larger one takes hours at a person's rate.</summary>
    public const long MostBytes = 4 << 20;

    /// <summary>A session in the middle of a phase, and one that rests: its last pieces may still be asked for again, or a question follow.</summary>
    static readonly TimeSpan s_lifetime = TimeSpan.FromHours(1), s_rest = TimeSpan.FromMinutes(10);

    readonly Dictionary<string, Lazy<ServerModel>> _models;
    readonly MaterialShelf _shelf;
    readonly TimeProvider _time;
    readonly int _mostSessions;
    readonly Dictionary<(string Model, Bytes32 Session), SegmentSession> _sessions = [];
    readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Makes a provider.</summary>
    /// <param name="models">Networks by the names that jobs have: <see cref="TwoPartyEntry.JobsOf"/>.</param>
    /// <param name="shelf">Apart from that of the direct channel; disposed with this.</param>
    /// <param name="time">Clock.</param>
    /// <param name="mostSessions">At a time; beyond that one goes.</param>
    public AnonymousProvider(IReadOnlyDictionary<string, IntegerNetwork> models, MaterialShelf shelf, TimeProvider time, int mostSessions = 64)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(shelf);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostSessions, 1);
        _models = models.ToDictionary(model => model.Key, model => new Lazy<ServerModel>(() => new ServerModel(model.Value)), StringComparer.Ordinal);
        (_shelf, _time, _mostSessions) = (shelf, time, mostSessions);
    }

    /// <summary>Sessions under way.</summary>
    public int Sessions => _sessions.Count;

    /// <summary>Whether jobs of a name are for this.</summary>
    public bool Offers(string model) => _models.ContainsKey(model);

    /// <summary>Bytes of a segment, in either direction, that just fills the boxes of a job.</summary>
    public static int SegmentSize(int boxSize)
    {
        TensorSpec empty = new(TensorName, "UINT8", [1]);
        int size = Boxes * boxSize;
        // What surrounds the data: found rather than repeated here.
        while (SizeClass.Boxes([empty with { Shape = [size] }], boxSize) > Boxes)
        {
            size--;
        }
        return size;
    }

    /// <summary>Bytes that a session needs in both phases together.</summary>
    public static long BytesOf(IntegerNetwork network) =>
        ProtocolSizes.Offline(network, TransferKind.SoftSpoken).Bytes + ProtocolSizes.Online(network).Bytes;

    /// <summary>Runs a batch: what <see cref="Funion.Roles.RunBatch"/> asks for.</summary>
    public async Task<IReadOnlyList<byte[]>> RunAsync(string model, IReadOnlyList<ReadOnlyMemory<byte>> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ServerModel serving = _models[model].Value;
        await _turn.WaitAsync();
        try
        {
            (int Size, byte Kind, Bytes32 Session, int Wanted)?[] read = new (int, byte, Bytes32, int)?[inputs.Count];
            // All pieces first: of several jobs of one session each then finds what the others brought.
            for (int i = 0; i < inputs.Count; i++)
            {
                if (TensorCodec.TryParse(inputs[i]) is [{ Name: TensorName, Datatype: Datatype.UInt8 } tensor] && Segment.TryReadUp(tensor.Data, out var up))
                {
                    read[i] = (tensor.Data.Length, up.Kind, up.Session, up.Wanted);
                    if (up.Kind == Segment.Piece)
                    {
                        await (await SessionOfAsync(model, serving, up.Session)).TakeAsync(up.Offset, up.Bytes);
                    }
                }
            }
            return [.. read.Select(one => one is { } job ? Answer(model, serving, job) : InferenceAnswer.Fail(InferenceFailure.WrongInput))];
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SegmentSession session in _sessions.Values)
        {
            // Nothing waits for it but this: it ends at its next read.
            _ = session.DisposeAsync().AsTask();
        }
        _sessions.Clear();
        _shelf.Dispose();
        _turn.Dispose();
    }

    byte[] Answer(string model, ServerModel serving, (int Size, byte Kind, Bytes32 Session, int Wanted) job)
    {
        byte[] architecture = job.Kind == Segment.Architecture ? ArchitectureFormat.ToBytes(serving.Network) : [];
        byte[] segment = job.Kind != Segment.Architecture ? _sessions.TryGetValue((model, job.Session), out SegmentSession? session)
                ? session.Answer(job.Size, job.Wanted) : Segment.Down(job.Size, Segment.Over, 0, 0, 0, [])
            : architecture.Length <= job.Size - Segment.DownHeader ? Segment.Down(job.Size, Segment.Open, 0, architecture.Length, 0, architecture)
            : Segment.Down(job.Size, Segment.Over, 0, 0, 0, []);
        return InferenceAnswer.Result([Tensor.TryCreate(TensorName, Datatype.UInt8, [segment.Length], segment)!]);
    }

    async Task<SegmentSession> SessionOfAsync(string model, ServerModel serving, Bytes32 name)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (!_sessions.TryGetValue((model, name), out SegmentSession? session))
        {
            foreach (var (key, old) in _sessions.Where(one => one.Value.Used < now - (one.Value.Rests ? s_rest : s_lifetime)).ToArray())
            {
                await EndAsync(key, old);
            }
            if (_sessions.Count >= _mostSessions)
            {
                var (key, displaced) = Displaced();
                await EndAsync(key, displaced);
            }
            SegmentSession begun = _sessions[(model, name)] = session = new SegmentSession();
            session.Begin(new TwoPartyServer(
                serving, () => Begun(begun, _shelf.TryReserve("", serving.MakingSize)), wanted => Begun(begun, _shelf.Take(serving, wanted))));
        }
        session.Used = now;
        return session;
    }

    static T? Begun<T>(SegmentSession session, T? brought) where T : class
    {
        if (brought is not null)
        {
            session.BeginPhase();
        }
        return brought;
    }

    /// <summary>
    /// One that never brought what a phase begins with, if there is any, and of those one that has brought least; then one that rests; then any. Else it is chance:
    /// whoever floods displaces mostly himself, and must do a phase's work for each place that he wants to hold.
    /// </summary>
    KeyValuePair<(string, Bytes32), SegmentSession> Displaced()
    {
        int least = _sessions.Values.Where(session => !session.HasBegun).Select(session => session.Taken).DefaultIfEmpty().Min();
        foreach (Func<SegmentSession, bool> among in (Func<SegmentSession, bool>[])[session => !session.HasBegun && session.Taken == least, session => session.Rests, _ => true])
        {
            KeyValuePair<(string, Bytes32), SegmentSession>[] some = [.. _sessions.Where(one => among(one.Value))];
            if (some.Length > 0)
            {
                return some[RandomNumberGenerator.GetInt32(some.Length)];
            }
        }
        throw new InvalidOperationException("There is no session.");
    }

    async Task EndAsync((string, Bytes32) key, SegmentSession session)
    {
        _sessions.Remove(key);
        await session.DisposeAsync();
    }
}
