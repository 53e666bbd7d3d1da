using System.Buffers.Binary;
using System.Diagnostics;

namespace Funion.Private.Enclaves;

/// <summary>
/// The cloud's side of one enclave: its process, what it keeps for it, and the products. Nothing here can read anything; whatever it does wrong the enclave
/// notices, or nobody gets an answer.
/// </summary>
public sealed class EnclaveHost : IDisposable
{
    const int NameSize = Bytes32.Size, LayerSize = 4, MostStarts = 3;

    readonly Func<EnclaveLink> _connect;
    readonly EnclaveStore _store;
    readonly Dictionary<Bytes32, (CloudModel Model, Func<IEnumerable<byte[]>> Weights)> _models = [];
    EnclaveLink? _link;

    /// <summary>A host of an enclave.</summary>
    /// <param name="connect">Starts it.</param>
    /// <param name="store">Keeps what it seals.</param>
    public EnclaveHost(Func<EnclaveLink> connect, EnclaveStore store)
    {
        ArgumentNullException.ThrowIfNull(connect);
        ArgumentNullException.ThrowIfNull(store);
        (_connect, _store) = (connect, store);
    }

    /// <summary>Every message as it crosses, to and from the enclave: what a cloud sees.</summary>
    public Action<bool, EnclaveMessage, byte[]>? Watched { get; init; }

    /// <summary>Where time and bytes went since the last question.</summary>
    public EnclaveCosts Costs { get; private set; } = new();

    /// <summary>Starts the enclave, with the newest state it takes. The refusal of the newest if it takes none.</summary>
    public EnclaveRefusal Start()
    {
        Stop();
        _link = _connect();
        EnclaveRefusal refused = EnclaveRefusal.None;
        IReadOnlyList<(ulong Generation, byte[] State)> states = _store.States();
        // None at all, too, while there is but the first: an enclave that was killed before it acted upon that has no newest state yet.
        foreach ((ulong generation, byte[] state) in states.All(kept => kept.Generation <= 1) ? states.Append((0ul, [])) : states)
        {
            (EnclaveMessage kind, byte[] body) = Call(default, EnclaveMessage.Restore, state);
            if (kind == EnclaveMessage.Ok)
            {
                _store.Adopt(generation);
                return Load();
            }
            refused = refused == EnclaveRefusal.None ? Refusal(body) : refused;
            if (refused is EnclaveRefusal.NotLocked or EnclaveRefusal.InUse or EnclaveRefusal.NoHardware)
            {
                // Its process has ended.
                break;
            }
        }
        return refused;
    }

    /// <summary>Ends the enclave's process, at whatever it is.</summary>
    public void Stop()
    {
        _link?.Dispose();
        _link = null;
    }

    /// <summary>An identity and evidence for it, for whoever gave a nonce.</summary>
    public (EnclaveIdentity Identity, byte[] Evidence)? Describe(in Bytes32 nonce, Bytes32? model = null)
    {
        byte[] body = [.. nonce.AsSpan(), .. model is { } name ? name.AsSpan() : []];
        (EnclaveMessage kind, byte[] answer) = Call(default, EnclaveMessage.Describe, body);
        return kind == EnclaveMessage.Identity && answer.Length >= EnclaveIdentity.Size && EnclaveIdentity.TryRead(answer.AsSpan(0, EnclaveIdentity.Size)) is { } identity
            ? (identity, answer[EnclaveIdentity.Size..])
            : null;
    }

    /// <summary>Has a key drawn for a model; null when it is refused.</summary>
    public EnclaveOffer? Create(EnclavePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        (EnclaveMessage kind, byte[] body) = Call(default, EnclaveMessage.Create, policy.ToBytes());
        return kind == EnclaveMessage.Created ? EnclaveOffer.TryRead(body) : null;
    }

    /// <summary>Provides a model: what its owner sealed, and encrypted weights, which are read again after every start.</summary>
    public EnclaveRefusal Provide(CloudModel model, byte[] provision, Func<IEnumerable<byte[]>> weights)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        (EnclaveMessage kind, byte[] body) = Call(default, EnclaveMessage.Provide, model.Name.AsSpan().ToArray(), provision);
        if (kind != EnclaveMessage.Ok)
        {
            return Refusal(body);
        }
        return Attach(model, weights);
    }

    /// <summary>Goes on with a model that was provided before this process began: the enclave has it in its state, but for the weights.</summary>
    public EnclaveRefusal Attach(CloudModel model, Func<IEnumerable<byte[]>> weights)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        foreach (byte[] ciphertext in model.IsHidden ? weights() : [])
        {
            model.AddWeights(ciphertext);
        }
        EnclaveRefusal refused = Load(model, weights);
        if (refused == EnclaveRefusal.None)
        {
            _models[model.Name] = (model, weights);
        }
        return refused;
    }

    /// <summary>Asks several questions of one model at once, layer by layer. A refusal ends that question only.</summary>
    public IReadOnlyList<EnclaveReply> Ask(CloudModel model, IReadOnlyList<byte[]> questions)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(questions);
        Costs = new EnclaveCosts();
        return Run(model, [.. questions.Select(question =>
            (DataOwner.Name(question), Call(DataOwner.Name(question), EnclaveMessage.Ask, model.Name.AsSpan().ToArray(), question)))]);
    }

    /// <summary>Asks; where the enclave ends in the middle it is started again, a few times, and goes on from where it was.</summary>
    /// <exception cref="IOException">It ended once more.</exception>
    public IReadOnlyList<EnclaveReply> AskThrough(CloudModel model, IReadOnlyList<byte[]> questions)
    {
        ArgumentNullException.ThrowIfNull(questions);
        for (int start = 0; ; start++)
        {
            try
            {
                if (start == 0)
                {
                    // A question that is under way since before this process began is gone on with.
                    return [.. Ask(model, questions).Select(reply =>
                        reply.Refusal == EnclaveRefusal.Replayed && Resume(model, [reply.Query])[0] is { Refusal: not EnclaveRefusal.UnknownQuery } resumed ? resumed : reply)];
                }
                Start();
                IReadOnlyList<EnclaveReply> replies = Resume(model, [.. questions.Select(question => DataOwner.Name(question))]);
                // What it had not taken is asked as it was.
                return [.. replies.Select((reply, i) => reply.Refusal == EnclaveRefusal.UnknownQuery ? Ask(model, [questions[i]])[0] : reply)];
            }
            catch (IOException) when (start < MostStarts)
            {
            }
        }
    }

    /// <summary>Goes on with queries that were under way when the enclave ended.</summary>
    public IReadOnlyList<EnclaveReply> Resume(CloudModel model, IReadOnlyList<Bytes32> queries)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(queries);
        Costs = new EnclaveCosts();
        return Run(model, [.. queries.Select(query => (query, Resume(query)))]);
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    (EnclaveMessage, byte[]) Resume(Bytes32 query)
    {
        (EnclaveMessage Kind, byte[] Body) answer = (EnclaveMessage.Refused, [(byte)EnclaveRefusal.UnknownQuery]);
        foreach (byte[] state in _store.Query(query))
        {
            answer = Call(query, EnclaveMessage.Resume, state);
            if (answer.Kind != EnclaveMessage.Refused)
            {
                break;
            }
        }
        return answer;
    }

    IReadOnlyList<EnclaveReply> Run(CloudModel model, (Bytes32 Query, (EnclaveMessage Kind, byte[] Body) Said)[] under)
    {
        while (under.Any(query => query.Said.Kind == EnclaveMessage.Request))
        {
            // The first layer that anybody waits for, and all that wait for it.
            int layer = under.Where(query => query.Said.Kind == EnclaveMessage.Request).Min(query => Layer(query.Said.Body));
            int[] waiting = [.. Enumerable.Range(0, under.Length).Where(i => under[i].Said.Kind == EnclaveMessage.Request && Layer(under[i].Said.Body) == layer)];
            long start = Stopwatch.GetTimestamp();
            byte[][] answers = model.Multiply(layer, [.. waiting.Select(i => under[i].Said.Body[(NameSize + LayerSize)..])]);
            Costs.AddProducts(layer, Stopwatch.GetElapsedTime(start));
            for (int i = 0; i < waiting.Length; i++)
            {
                ref (Bytes32 Query, (EnclaveMessage, byte[]) Said) query = ref under[waiting[i]];
                query.Said = Call(query.Query, EnclaveMessage.Answer, query.Query.AsSpan().ToArray(), answers[i]);
            }
        }
        return [.. under.Select(query => query.Said.Kind == EnclaveMessage.Result
            ? new EnclaveReply(query.Query, EnclaveRefusal.None, query.Said.Body[NameSize..]) : new EnclaveReply(query.Query, Refusal(query.Said.Body), []))];
    }

    /// <summary>Queries that this host's store holds: those that are under way, and those that nobody asked for again since an earlier process began them.</summary>
    public IReadOnlyList<Bytes32> UnderWay => _store.Queries();

    /// <summary>Drops a query that has come to its end.</summary>
    public void Forget(in Bytes32 query)
    {
        Call(query, EnclaveMessage.Forget, query.AsSpan().ToArray());
        _store.Forget(query);
    }

    EnclaveRefusal Load()
    {
        EnclaveRefusal refused = EnclaveRefusal.None;
        foreach ((CloudModel model, Func<IEnumerable<byte[]>> weights) in _models.Values)
        {
            refused = Load(model, weights) is var said && said != EnclaveRefusal.None ? said : refused;
        }
        return refused;
    }

    EnclaveRefusal Load(CloudModel model, Func<IEnumerable<byte[]>> weights)
    {
        foreach (byte[] ciphertext in model.IsHidden ? weights() : [])
        {
            (EnclaveMessage kind, byte[] body) = Call(default, EnclaveMessage.Weights, model.Name.AsSpan().ToArray(), ciphertext);
            if (kind != EnclaveMessage.Ok)
            {
                return Refusal(body);
            }
        }
        return EnclaveRefusal.None;
    }

    /// <summary>One message and its answer; what is to be kept in between is kept.</summary>
    (EnclaveMessage Kind, byte[] Body) Call(in Bytes32 query, EnclaveMessage kind, params ReadOnlySpan<byte[]> parts)
    {
        EnclavePipe pipe = (_link ?? throw new InvalidOperationException("The enclave is not running.")).Pipe;
        int layer = kind == EnclaveMessage.Answer ? Costs.Layer : -1;
        (long start, long sent, long received) = (Stopwatch.GetTimestamp(), pipe.Sent, pipe.Received);
        foreach (byte[] part in parts)
        {
            Watched?.Invoke(true, kind, part);
        }
        pipe.Write(kind, parts);
        while (pipe.TryRead(out EnclaveMessage said, out byte[] body))
        {
            Watched?.Invoke(false, said, body);
            if (said != EnclaveMessage.Persist)
            {
                _store.Confirm();
                Costs.AddCrossing(layer, Stopwatch.GetElapsedTime(start), pipe.Sent - sent, pipe.Received - received);
                return (said, body);
            }
            int length = body.Length < LayerSize ? -1 : BinaryPrimitives.ReadInt32LittleEndian(body);
            if (length < 0 || length > body.Length - LayerSize)
            {
                break;
            }
            _store.Keep(body[LayerSize..(LayerSize + length)], query, body[(LayerSize + length)..]);
            pipe.Write(EnclaveMessage.Commit);
        }
        throw new EndOfStreamException("The enclave has ended.");
    }

    static int Layer(byte[] request) => BinaryPrimitives.ReadInt32LittleEndian(request.AsSpan(NameSize));

    static EnclaveRefusal Refusal(byte[] body) => body is [var why] ? (EnclaveRefusal)why : EnclaveRefusal.Malformed;
}
