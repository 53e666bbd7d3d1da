using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Enclaves;
using Funion.Private.Hidden;
using Funion.Private.Ring;

namespace Funion.Enclave;

/// <summary>
/// What the enclave does with one message. Every change of state is sealed, given to the cloud to keep, and only then made the newest in the platform's cell and
/// acted upon: whoever kills the enclave in between finds the state before or the one after, and no other state is taken again.
/// </summary>
/// <param name="platform">What hardware does.</param>
/// <param name="code">Hash of this code.</param>
/// <param name="keep">Gives sealed state, and that of a query, to the cloud; false when it does not keep it.</param>
sealed class EnclaveCore(Platform platform, Bytes32 code, Func<byte[], byte[], bool> keep) : IDisposable
{
    /// <summary>How often one step of a query is gone on from after a restart: each time its values are encrypted once more.</summary>
    public const int MaxResumes = 8;

    readonly StateSeal _seal = new(platform, code);
    readonly Dictionary<Bytes32, QueryRecord> _running = [];
    EnclaveState? _state;

    static ReadOnlySpan<byte> StateLabel => "funion-enclave-state-v1"u8;

    static ReadOnlySpan<byte> QueryLabel => "funion-enclave-query-state-v1"u8;

    /// <summary>Answers one message.</summary>
    public (EnclaveMessage Kind, byte[] Body) Handle(EnclaveMessage kind, ReadOnlySpan<byte> body)
    {
        if (kind == EnclaveMessage.Restore)
        {
            return _state is null ? Restore(body) : Refuse(EnclaveRefusal.Malformed);
        }
        return _state is not { } state ? Refuse(EnclaveRefusal.Malformed) : kind switch
        {
            EnclaveMessage.Describe => Describe(state, body),
            EnclaveMessage.Create => Create(state, body),
            EnclaveMessage.Resume => Resume(state, body),
            _ when body.Length < Bytes32.Size => Refuse(EnclaveRefusal.Malformed),
            EnclaveMessage.Provide => Provide(state, new Bytes32(body[..Bytes32.Size]), body[Bytes32.Size..]),
            EnclaveMessage.Weights => Weigh(state, new Bytes32(body[..Bytes32.Size]), body[Bytes32.Size..]),
            EnclaveMessage.Ask => Ask(state, new Bytes32(body[..Bytes32.Size]), body[Bytes32.Size..]),
            EnclaveMessage.Answer => Answer(state, new Bytes32(body[..Bytes32.Size]), body[Bytes32.Size..]),
            EnclaveMessage.Forget => Forget(state, new Bytes32(body[..Bytes32.Size])),
            _ => Refuse(EnclaveRefusal.Malformed),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state?.Dispose();
        foreach (QueryRecord query in _running.Values)
        {
            query.Dispose();
        }
    }

    (EnclaveMessage, byte[]) Restore(ReadOnlySpan<byte> sealedState)
    {
        (ulong counter, Bytes32 newest) = platform.ReadCell();
        if (sealedState.IsEmpty && counter == 0)
        {
            _state = EnclaveState.Create();
            return Done();
        }
        if (sealedState.IsEmpty || StateSeal.Hash(sealedState) != newest || _seal.Open(StateLabel, sealedState) is not { } bytes)
        {
            return Refuse(EnclaveRefusal.WrongState);
        }
        _state = EnclaveState.TryRead(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return _state is not null ? Done() : Refuse(EnclaveRefusal.WrongState);
    }

    /// <summary>A nonce, and a model if the evidence is to name one.</summary>
    (EnclaveMessage, byte[]) Describe(EnclaveState state, ReadOnlySpan<byte> body)
    {
        ModelRecord? model = null;
        if (body.Length != Bytes32.Size
            && (body.Length != 2 * Bytes32.Size || !state.Models.TryGetValue(new Bytes32(body[Bytes32.Size..]), out model)))
        {
            return Refuse(body.Length == 2 * Bytes32.Size ? EnclaveRefusal.UnknownModel : EnclaveRefusal.Malformed);
        }
        EnclaveIdentity identity = Identity(state, model?.Policy.Digest() ?? default, model?.PublicKey ?? default, new Bytes32(body[..Bytes32.Size]));
        return (EnclaveMessage.Identity, [.. identity.ToBytes(), .. Platform.Attest(identity)]);
    }

    (EnclaveMessage, byte[]) Create(EnclaveState state, ReadOnlySpan<byte> body)
    {
        if (EnclavePolicy.TryRead(body) is not { } policy)
        {
            return Refuse(EnclaveRefusal.Malformed);
        }
        if (state.Models.Count >= EnclaveState.MaxModels)
        {
            return Refuse(EnclaveRefusal.Full);
        }
        SecretBytes seed = new(Bytes32.Size);
        RandomNumberGenerator.Fill(seed.Span);
        byte[] publicKey = [];
        if (policy.IsHidden)
        {
            using ModelKey key = new(new HiddenParameters(new Modulus(policy.Bits)), seed.Span);
            publicKey = key.PublicKey();
        }
        EnclaveIdentity identity = Identity(state, policy.Digest(), EnclaveIdentity.KeyDigest(publicKey), default);
        if (!state.Models.TryAdd(identity.Model(), new ModelRecord(identity.Model(), policy, identity.ModelKey, seed)))
        {
            seed.Dispose();
            return Refuse(EnclaveRefusal.Full);
        }
        Save(state, []);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, publicKey.Length);
        return (EnclaveMessage.Created, [.. identity.Model().AsSpan(), .. identity.ToBytes(), .. length, .. publicKey, .. Platform.Attest(identity)]);
    }

    (EnclaveMessage, byte[]) Provide(EnclaveState state, Bytes32 name, ReadOnlySpan<byte> sealedProvision)
    {
        if (!state.Models.TryGetValue(name, out ModelRecord? model) || model.Model is not null)
        {
            return Refuse(EnclaveRefusal.UnknownModel);
        }
        if (Open(state, ModelOwner.Info(name), sealedProvision) is not { } bytes || bytes.Length < Ed25519.SignatureSize)
        {
            return Refuse(EnclaveRefusal.CannotOpen);
        }
        ReadOnlySpan<byte> provision = bytes.AsSpan(Ed25519.SignatureSize);
        if (!Ed25519.Verify(model.Policy.Owner.AsSpan(), ModelOwner.Signed(name, provision), bytes.AsSpan(0, Ed25519.SignatureSize)))
        {
            return Refuse(EnclaveRefusal.WrongOwner);
        }
        if (!model.Provide(provision))
        {
            return Refuse(EnclaveRefusal.Malformed);
        }
        Save(state, []);
        return Done();
    }

    static (EnclaveMessage, byte[]) Weigh(EnclaveState state, Bytes32 name, ReadOnlySpan<byte> ciphertext)
    {
        if (!state.Models.TryGetValue(name, out ModelRecord? model) || model.Model is null || model.Model.IsReady)
        {
            return Refuse(EnclaveRefusal.UnknownModel);
        }
        if (model.Model.AddWeights(ciphertext))
        {
            return Done();
        }
        // From the first one again.
        model.Provide(model.Provision);
        return Refuse(EnclaveRefusal.WrongWeights);
    }

    (EnclaveMessage, byte[]) Ask(EnclaveState state, Bytes32 name, ReadOnlySpan<byte> question)
    {
        if (!state.Models.TryGetValue(name, out ModelRecord? record) || record.Model is not { IsReady: true } model)
        {
            return Refuse(EnclaveRefusal.UnknownModel);
        }
        if (state.Queries.Count >= EnclaveState.MaxQueries)
        {
            return Refuse(EnclaveRefusal.Full);
        }
        Bytes32 query = DataOwner.Name(question);
        if (state.Queries.ContainsKey(query))
        {
            return Refuse(EnclaveRefusal.Replayed);
        }
        int size = model.Network.Modulus.ByteSize(model.Network.Input.Count), bodySize = DataOwner.HeaderSize + size;
        if (Open(state, DataOwner.Info(name), question) is not { } bytes || bytes.Length != bodySize + Ed25519.SignatureSize)
        {
            return Refuse(EnclaveRefusal.CannotOpen);
        }
        using RingTensor? input = RingTensor.TryRead(model.Network.Modulus, model.Network.Input, bytes.AsSpan(DataOwner.HeaderSize, size));
        Bytes32 user = new(bytes.AsSpan(0, Bytes32.Size)), recipient = new(bytes.AsSpan(40, Bytes32.Size));
        ulong newest = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(32));
        bool signed = Ed25519.Verify(user.AsSpan(), DataOwner.Signed(name, bytes.AsSpan(0, bodySize)), bytes.AsSpan(bodySize));
        CryptographicOperations.ZeroMemory(bytes);
        if (!signed || input is null)
        {
            return Refuse(EnclaveRefusal.CannotOpen);
        }
        if (newest > state.Counter || state.Asked.Check(query, newest) is not EnclaveRefusal.None)
        {
            return Refuse(newest > state.Counter ? EnclaveRefusal.RolledBack : state.Asked.Check(query, newest));
        }
        bool sealable = (record.Policy.Recipients.Count == 0 || record.Policy.Recipients.Contains(recipient)) && IsKey(recipient);
        EnclaveRefusal admitted = sealable ? record.Admit(user) : EnclaveRefusal.NotAllowed;
        if (admitted != EnclaveRefusal.None)
        {
            return Refuse(admitted);
        }
        state.Asked.Add(query, state.Counter);
        RingTensor?[] values = new RingTensor?[model.Network.Layers.Count + 1];
        values[0] = new RingTensor(model.Network.Modulus, model.Network.Input);
        input.Elements.CopyTo(values[0]!.Elements);
        return Continue(state, model, new QueryRecord(query, name, recipient, new Evaluation(model, 0, values), []));
    }

    (EnclaveMessage, byte[]) Answer(EnclaveState state, Bytes32 query, ReadOnlySpan<byte> answer)
    {
        if (!_running.TryGetValue(query, out QueryRecord? record) || record.Run is not { } run)
        {
            return Refuse(EnclaveRefusal.UnknownQuery);
        }
        if (!run.Take(answer))
        {
            Drop(state, query);
            Save(state, []);
            return Refuse(EnclaveRefusal.WrongAnswer);
        }
        return Continue(state, state.Models[record.Model].Model!, record);
    }

    (EnclaveMessage, byte[]) Resume(EnclaveState state, ReadOnlySpan<byte> sealedQuery)
    {
        Bytes32 hash = StateSeal.Hash(sealedQuery);
        if (!state.Queries.Values.Any(query => query.State == hash) || _seal.Open(QueryLabel, sealedQuery) is not { } bytes)
        {
            return Refuse(EnclaveRefusal.WrongState);
        }
        QueryRecord? record = QueryRecord.TryRead(
            bytes, name => state.Models.TryGetValue(name, out ModelRecord? model) && model.Model is { IsReady: true } ready ? ready : null);
        CryptographicOperations.ZeroMemory(bytes);
        if (record is null)
        {
            return Refuse(EnclaveRefusal.UnknownModel);
        }
        byte resumes = state.Queries[record.Name].Resumes;
        // A result was sealed once and is sent again as it is; values are encrypted anew, which is counted before it is done.
        if (record.Run is not null && resumes >= MaxResumes)
        {
            record.Dispose();
            return Refuse(EnclaveRefusal.ResumedTooOften);
        }
        if (_running.Remove(record.Name, out QueryRecord? before))
        {
            before.Dispose();
        }
        _running[record.Name] = record;
        if (record.Run is not null)
        {
            state.Queries[record.Name] = (hash, (byte)(resumes + 1));
            Save(state, []);
        }
        return Reply(record);
    }

    (EnclaveMessage, byte[]) Forget(EnclaveState state, Bytes32 query)
    {
        if (!state.Queries.ContainsKey(query))
        {
            return Refuse(EnclaveRefusal.UnknownQuery);
        }
        Drop(state, query);
        Save(state, []);
        return Done();
    }

    /// <summary>Seals the query as it is now, and lets it go on.</summary>
    (EnclaveMessage, byte[]) Continue(EnclaveState state, EnclaveModel model, QueryRecord record)
    {
        if (record.Run!.Output is { } output)
        {
            byte[] result = Seal(state, record, output);
            record.Dispose();
            record = record with { Run = null, Result = result };
        }
        _running[record.Name] = record;
        byte[] sealedQuery = _seal.Seal(QueryLabel, record.ToBytes(model.Network.Modulus));
        state.Queries[record.Name] = (StateSeal.Hash(sealedQuery), 0);
        Save(state, sealedQuery);
        return Reply(record);
    }

    static (EnclaveMessage, byte[]) Reply(QueryRecord record)
    {
        if (record.Run is not { } run)
        {
            return (EnclaveMessage.Result, [.. record.Name.AsSpan(), .. record.Result]);
        }
        byte[] request = run.Ask(Bytes32.Size + 4);
        record.Name.AsSpan().CopyTo(request);
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(Bytes32.Size), run.Layer);
        return (EnclaveMessage.Request, request);
    }

    /// <summary>The answer for its recipient, and a receipt that counts the change of state under way.</summary>
    byte[] Seal(EnclaveState state, QueryRecord record, RingTensor output)
    {
        byte[] plain = output.ToBytes(), answer = new byte[plain.Length + SealedBox.Overhead];
        SealedBox.Seal(record.Recipient.AsSpan(), DataOwner.AnswerInfo(record.Name), plain, answer);
        CryptographicOperations.ZeroMemory(plain);
        EnclaveReceipt receipt = new(record.Model, record.Name, EnclaveReceipt.Hash(answer), code, state.Counter + 1);
        return [.. receipt.Sign(state.SigningSeed.Span, state.SigningKey.AsSpan()), .. answer];
    }

    void Drop(EnclaveState state, in Bytes32 query)
    {
        state.Queries.Remove(query);
        if (_running.Remove(query, out QueryRecord? record))
        {
            record.Dispose();
        }
    }

    void Save(EnclaveState state, byte[] sealedQuery)
    {
        state.Counter++;
        byte[] sealedState = _seal.Seal(StateLabel, state.ToBytes());
        if (!keep(sealedState, sealedQuery))
        {
            throw new IOException("The cloud keeps no state.");
        }
        platform.WriteCell(state.Counter, StateSeal.Hash(sealedState));
    }

    EnclaveIdentity Identity(EnclaveState state, Bytes32 policy, Bytes32 modelKey, Bytes32 nonce) =>
        new(state.SigningKey, state.SealingKey, code, policy, modelKey, state.Counter, nonce);

    static byte[]? Open(EnclaveState state, byte[] info, ReadOnlySpan<byte> message)
    {
        if (message.Length < SealedBox.Overhead)
        {
            return null;
        }
        byte[] plain = GC.AllocateArray<byte>(message.Length - SealedBox.Overhead, pinned: true);
        return SealedBox.Open(state.SealingSecret.Span, state.SealingKey.AsSpan(), info, message, plain) ? plain : null;
    }

    /// <summary>Whether anything can be sealed to a key: not to one of low order.</summary>
    static bool IsKey(in Bytes32 recipient)
    {
        Span<byte> ciphertext = stackalloc byte[X25519.Size], secret = stackalloc byte[Kem.SharedSecretSize];
        return Kem.X25519.Encapsulate(recipient.AsSpan(), [], ciphertext, secret);
    }

    static (EnclaveMessage, byte[]) Done() => (EnclaveMessage.Ok, []);

    static (EnclaveMessage, byte[]) Refuse(EnclaveRefusal why) => (EnclaveMessage.Refused, [(byte)why]);
}
