using Funion.Private.Garbling;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>Collects the parts of one file; see <see cref="MaterialParts"/>.</summary>
/// <param name="plan">The model's.</param>
/// <param name="client">Whose material is meant.</param>
/// <param name="channel">The kind of channel that it is wanted for; null for whichever it says.</param>
/// <param name="session">The session that is meant; null for whichever it is.</param>
sealed class MaterialReader(ProtocolPlan plan, bool client, ChannelKind? channel, Bytes32? session) : IDisposable
{
    readonly int[] _linear = [.. Enumerable.Range(0, plan.Network.Layers.Count).Where(layer => plan.Network.Layers[layer] is LinearLayer)];

    readonly RingTensor?[] _shares = new RingTensor?[plan.Network.Layers.Count];

    readonly GarblerBatch?[] _garblers = new GarblerBatch?[client ? plan.Batches.Count : 0];

    readonly EvaluatorBatch?[] _evaluators = new EvaluatorBatch?[client ? 0 : plan.Batches.Count];

    readonly QuadraticPart<GarblerBatch>?[] _garbledSquares = new QuadraticPart<GarblerBatch>?[client ? plan.Quadratics.Count : 0];

    readonly QuadraticPart<EvaluatorBatch>?[] _evaluatedSquares = new QuadraticPart<EvaluatorBatch>?[client ? 0 : plan.Quadratics.Count];

    (ChannelKind Channel, TransferKind Transfer, Bytes32 Session) _header;

    RingTensor? _mask, _output;

    int _parts;

    bool _given;

    /// <summary>Why not, if a part was refused.</summary>
    public MaterialOutcome Refusal { get; private set; } = MaterialOutcome.Malformed;

    bool IsComplete => _parts == 1 + (client ? 1 : _linear.Length) + plan.Batches.Count + plan.Quadratics.Count;

    /// <summary>Takes the next part.</summary>
    public bool Take(int number, byte[] part)
    {
        _parts = number + 1;
        int before = 1 + (client ? 1 : _linear.Length);
        return number == 0 ? TakeHeader(part) : number < before ? client ? TakeEnds(part) : TakeShare(_linear[number - 1], part) : TakeBatch(number - before, part);
    }

    /// <summary>The client's material, if all of it is here.</summary>
    public ClientMaterial? ToClient()
    {
        _given = client && IsComplete;
        return _given ? new ClientMaterial(plan, _header.Session, _header.Channel, _header.Transfer, _mask!, _output!, _garblers!, _garbledSquares!) : null;
    }

    /// <summary>The server's material, if all of it is here.</summary>
    public ServerMaterial? ToServer()
    {
        _given = !client && IsComplete;
        return _given ? new ServerMaterial(plan, _header.Session, _header.Channel, _header.Transfer, _shares, _evaluators!, _evaluatedSquares!) : null;
    }

    public void Dispose()
    {
        if (_given)
        {
            return;
        }
        foreach (IDisposable? part in (IEnumerable<IDisposable?>)[_mask, _output, .. _shares, .. _garblers, .. _evaluators, .. _garbledSquares, .. _evaluatedSquares])
        {
            part?.Dispose();
        }
    }

    bool TakeHeader(byte[] part)
    {
        if (MaterialParts.TryRead(part, plan, client) is not { } header || (session is { } meant && meant != header.Session))
        {
            Refusal = MaterialOutcome.WrongModel;
            return false;
        }
        _header = header;
        if (channel is { } wanted && wanted != header.Channel)
        {
            Refusal = MaterialOutcome.WrongChannel;
            return false;
        }
        return true;
    }

    bool TakeEnds(byte[] part)
    {
        Modulus modulus = plan.Network.Modulus;
        int size = modulus.ByteSize(plan.Network.Input.Count);
        if (part.Length < size)
        {
            return false;
        }
        _mask = RingTensor.TryRead(modulus, plan.Network.Input, part.AsSpan(0, size));
        _output = RingTensor.TryRead(modulus, plan.Network.Output, part.AsSpan(size));
        return _mask is not null && _output is not null;
    }

    bool TakeShare(int layer, byte[] part) =>
        (_shares[layer] = RingTensor.TryRead(plan.Network.Modulus, plan.Network.Layers[layer].Output, part)) is not null;

    bool TakeBatch(int index, byte[] part)
    {
        if (index >= plan.Batches.Count)
        {
            return TakeQuadratic(index - plan.Batches.Count, part);
        }
        ActivationBatch batch = plan.Batches[index];
        return client
            ? (_garblers[index] = GarblerBatch.TryRead(batch.Geometry, _header.Session, batch.Number, part)) is not null
            : (_evaluators[index] = EvaluatorBatch.TryRead(batch.Geometry, _header.Session, batch.Number, part)) is not null;
    }

    bool TakeQuadratic(int index, byte[] part)
    {
        if (index >= plan.Quadratics.Count)
        {
            return false;
        }
        QuadraticBatch batch = plan.Quadratics[index];
        int garbled = MaterialParts.GarbledSize(batch, client);
        if (part.Length < garbled)
        {
            return false;
        }
        ReadOnlySpan<byte> carries = part.AsSpan(0, garbled), words = part.AsSpan(garbled);
        if (client)
        {
            GarblerBatch? garbler = batch.Garbling is { } one ? GarblerBatch.TryRead(one, _header.Session, batch.Number, carries) : null;
            _garbledSquares[index] = new QuadraticPart<GarblerBatch>(batch, garbler);
            return (garbler is not null || batch.Garbling is null) && _garbledSquares[index]!.TryReadWords(plan.Network.Modulus, words);
        }
        EvaluatorBatch? evaluator = batch.Garbling is { } other ? EvaluatorBatch.TryRead(other, _header.Session, batch.Number, carries) : null;
        _evaluatedSquares[index] = new QuadraticPart<EvaluatorBatch>(batch, evaluator);
        return (evaluator is not null || batch.Garbling is null) && _evaluatedSquares[index]!.TryReadWords(plan.Network.Modulus, words);
    }
}
