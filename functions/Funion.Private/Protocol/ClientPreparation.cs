using System.Security.Cryptography;
using System.Runtime.InteropServices;
using Funion.Private.Garbling;
using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Ring;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Protocol;

/// <summary>A client's offline phase: see <see cref="ProtocolPlan"/> for its messages. One object, one session.</summary>
sealed class ClientPreparation : IDisposable
{
    readonly ProtocolPlan _plan;

    readonly MessageChannel _channel;

    readonly CancellationToken _cancellation;

    readonly Offer _offer;

    readonly TransferGeometry _geometry;

    CorrelatedSender? _transfers;

    // The line's, if this session is of it.
    LineBaseReceiver? _line;

    readonly LatticeSecretKey _key;

    ClientQuadratics? _quadratics;

    // The client's share of each value, once it is known.
    readonly RingTensor?[] _values;

    // K₀ of each batch.
    readonly Label[][] _zero;

    Bytes32 _session;

    public ClientPreparation(ProtocolPlan plan, MessageChannel channel, TransferKind transfer, CancellationToken cancellation)
    {
        (_plan, _channel, _cancellation) = (plan, channel, cancellation);
        // Most lines prepare for one question, which needs no more messages than with a base of its own. On the anonymous channel all have their own.
        _line = (LineBaseReceiver?)channel.TakeBase();
        uint next = _line?.Next ?? (channel.Kind == ChannelKind.Direct && channel.HasPrepared ? 1u : 0);
        _offer = new Offer(
            Offer.CurrentVersion, ProtocolPhase.Offline, (byte)plan.Network.Modulus.Bits, transfer, channel.Kind, plan.Digest,
            new Bytes32(RandomNumberGenerator.GetBytes(Bytes32.Size)), next);
        _geometry = new TransferGeometry((int)transfer);
        _key = LatticeSecretKey.Create(plan.Parameters);
        _zero = new Label[plan.Batches.Count][];
        _values = new RingTensor?[plan.Network.Layers.Count + 1];
        _values[0] = RingTensor.Uniform(plan.Network.Modulus, plan.Network.Input);
        for (int i = 0; i < plan.Network.Layers.Count; i++)
        {
            if (plan.Network.Layers[i] is NonlinearLayer or QuadraticLayer)
            {
                _values[i + 1] = RingTensor.Uniform(plan.Network.Modulus, plan.Network.Layers[i].Output);
            }
        }
    }

    public async ValueTask<(ProtocolOutcome Outcome, ClientMaterial? Material)> RunAsync()
    {
        ProtocolOutcome outcome = await GreetAsync();
        for (int i = 0; outcome == ProtocolOutcome.Done && i < _plan.Batches.Count; i++)
        {
            outcome = await ReceiveLabelsAsync(i);
        }
        outcome = outcome == ProtocolOutcome.Done ? await _quadratics!.ReceiveLabelsAsync() : outcome;
        for (int level = 0; outcome == ProtocolOutcome.Done && level < _plan.Levels.Count; level++)
        {
            ComputeLocal();
            outcome = await LevelAsync(_plan.Levels[level]);
        }
        if (outcome != ProtocolOutcome.Done)
        {
            return (outcome, null);
        }
        ComputeLocal();
        GarblerBatch[] batches = new GarblerBatch[_plan.Batches.Count];
        QuadraticPart<GarblerBatch>?[] quadratics = new QuadraticPart<GarblerBatch>?[_plan.Quadratics.Count];
        outcome = await GarbleAsync(batches);
        outcome = outcome == ProtocolOutcome.Done ? await _quadratics!.MakeAsync(_session, _values, quadratics) : outcome;
        if (outcome == ProtocolOutcome.Done)
        {
            outcome = await _channel.ReceiveAsync(MessageKind.Prepared, Memory<byte>.Empty, _cancellation);
        }
        ClientMaterial material = new(
            _plan, _session, _channel.Kind, _offer.Transfer, Copy(_values[0]!), Copy(_values[^1]!), [.. batches.Where(batch => batch is not null)],
            [.. quadratics.OfType<QuadraticPart<GarblerBatch>>()]);
        if (outcome == ProtocolOutcome.Done)
        {
            _channel.Prepared(_line);
            _line = null;
            return (outcome, material);
        }
        material.Dispose();
        return (outcome, null);
    }

    public void Dispose()
    {
        _transfers?.Dispose();
        _line?.Dispose();
        _key.Dispose();
        _quadratics?.Dispose();
        foreach (RingTensor? value in _values)
        {
            value?.Dispose();
        }
        foreach (Label[]? zero in _zero)
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(zero.AsSpan()));
        }
    }

    async ValueTask<ProtocolOutcome> GreetAsync()
    {
        byte[] accept = new byte[ProtocolPlan.AcceptSize];
        ProtocolOutcome outcome = await _channel.SendAsync(MessageKind.Offer, _offer.ToBytes(), _cancellation);
        outcome = outcome == ProtocolOutcome.Done && _offer.Base == 1 ? await BeginLineAsync(accept) : outcome;
        if (outcome != ProtocolOutcome.Done)
        {
            return outcome;
        }
        _transfers = new CorrelatedSender(_offer.TransferSession(_line), _geometry, _line);
        _quadratics = new ClientQuadratics(_plan, _channel, _geometry, _transfers, _cancellation);
        byte[] keys = [.. _transfers.Choose, .. _key.PublicKey], open = new byte[_line is null ? _geometry.OpenSize : _geometry.TreesSize];
        outcome = await _channel.SendAsync(MessageKind.Keys, keys, _cancellation);
        outcome = outcome == ProtocolOutcome.Done && _offer.Base != 1 ? await Accepted.ReceiveAsync(_channel, accept, _cancellation) : outcome;
        outcome = outcome == ProtocolOutcome.Done ? await _channel.ReceiveAsync(MessageKind.Open, open, _cancellation) : outcome;
        if (outcome != ProtocolOutcome.Done)
        {
            return outcome;
        }
        if (_transfers.Open(open) != TransferOutcome.Taken)
        {
            return _channel.Fail(ProtocolOutcome.InconsistentTransfer);
        }
        _session = _offer.Session(_transfers.Transcript, _key.PublicKey, accept);
        return ProtocolOutcome.Done;
    }

    /// <summary>The base transfers of the line, of which this session is the first.</summary>
    async ValueTask<ProtocolOutcome> BeginLineAsync(byte[] accept)
    {
        byte[] begin = new byte[LineBase.BeginSize], seeds = new byte[LineBase.SeedsSize];
        ProtocolOutcome outcome = await Accepted.ReceiveAsync(_channel, accept, _cancellation);
        outcome = outcome == ProtocolOutcome.Done ? await _channel.ReceiveAsync(MessageKind.Line, begin, _cancellation) : outcome;
        if (outcome != ProtocolOutcome.Done)
        {
            return outcome;
        }
        _line = new LineBaseReceiver(_offer.LineSession());
        return _line.Open(begin, seeds) == TransferOutcome.Taken
            ? await _channel.SendAsync(MessageKind.Seeds, seeds, _cancellation) : _channel.Fail(ProtocolOutcome.InconsistentTransfer);
    }

    async ValueTask<ProtocolOutcome> ReceiveLabelsAsync(int batch)
    {
        int transfers = _plan.Batches[batch].Geometry.Transfers;
        byte[] extension = BatchBuffers.Rent(_geometry.ExtensionSize(transfers));
        ProtocolOutcome outcome = await _channel.ReceiveAsync(MessageKind.Extension, extension, _cancellation);
        if (outcome != ProtocolOutcome.Done)
        {
            return outcome;
        }
        _zero[batch] = GC.AllocateUninitializedArray<Label>(transfers, pinned: true);
        bool taken = _transfers!.Extend(extension, _zero[batch]) == TransferOutcome.Taken;
        BatchBuffers.Return(extension);
        return taken ? outcome : _channel.Fail(ProtocolOutcome.InconsistentTransfer);
    }

    /// <summary>The linear layers whose inputs' shares are known by now.</summary>
    async ValueTask<ProtocolOutcome> LevelAsync(IReadOnlyList<int> level)
    {
        foreach (int layer in level)
        {
            byte[] request = new byte[_plan.Layout(layer).RequestSize];
            new LinearClient(_key, _plan.Layout(layer)).Encrypt(_values[_plan.Network.Layers[layer].Inputs[0]]!, request);
            ProtocolOutcome outcome = await _channel.SendAsync(MessageKind.Request, request, _cancellation);
            if (outcome != ProtocolOutcome.Done)
            {
                return outcome;
            }
        }
        List<byte[]> corrections = [];
        foreach (int layer in level)
        {
            ProtocolOutcome outcome = await ReceiveLayerAsync(layer, corrections);
            if (outcome != ProtocolOutcome.Done)
            {
                return outcome;
            }
        }
        foreach (byte[] correction in corrections)
        {
            ProtocolOutcome outcome = await _channel.SendAsync(MessageKind.Corrections, correction, _cancellation);
            if (outcome != ProtocolOutcome.Done)
            {
                return outcome;
            }
        }
        return ProtocolOutcome.Done;
    }

    /// <summary>From an answer and the choices of its rounding to the client's share.</summary>
    async ValueTask<ProtocolOutcome> ReceiveLayerAsync(int layer, List<byte[]> corrections)
    {
        byte[] answer = new byte[_plan.Layout(layer).AnswerSize];
        ProtocolOutcome outcome = await _channel.ReceiveAsync(MessageKind.Answer, answer, _cancellation);
        if (outcome != ProtocolOutcome.Done)
        {
            return outcome;
        }
        if (new LinearClient(_key, _plan.Layout(layer)).TryDecode(answer, out RingTensor? decoded) != LatticeOutcome.Ok)
        {
            return _channel.Fail(ProtocolOutcome.Malformed);
        }
        using RingTensor guarded = decoded!;
        ulong[] shares = GC.AllocateArray<ulong>(guarded.Shape.Count, pinned: true);
        foreach (RoundingChunk chunk in _plan.ChunksOf(layer))
        {
            byte[] choices = new byte[chunk.ChoicesSize(_geometry)];
            outcome = await _channel.ReceiveAsync(MessageKind.Choices, choices, _cancellation);
            outcome = outcome == ProtocolOutcome.Done ? Round(chunk, choices, guarded, shares, corrections) : outcome;
            if (outcome != ProtocolOutcome.Done)
            {
                CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(shares.AsSpan()));
                return outcome;
            }
        }
        // The client's part is the one with D₀ here: what Rounding calls the server's.
        _values[layer + 1] = Rounding.ServerShare(guarded, shares);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(shares.AsSpan()));
        return ProtocolOutcome.Done;
    }

    ProtocolOutcome Round(RoundingChunk chunk, byte[] choices, RingTensor decoded, ulong[] shares, List<byte[]> corrections)
    {
        Label[] zero = GC.AllocateUninitializedArray<Label>(chunk.Count, pinned: true);
        Modulus modulus = _plan.Network.Modulus;
        ReadOnlySpan<byte> bits = choices.AsSpan(_geometry.ExtensionSize(chunk.Count));
        if (_transfers!.Extend(choices.AsSpan(0, choices.Length - bits.Length), zero) != TransferOutcome.Taken)
        {
            return _channel.Fail(ProtocolOutcome.InconsistentTransfer);
        }
        if (!Transfer.BitPacking.IsPadded(bits, chunk.Count))
        {
            return _channel.Fail(ProtocolOutcome.Malformed);
        }
        // Corrections are under pads that the server has not chosen: they go out as they are.
        ulong[] words = new ulong[chunk.Count];
        RoundingTransfer.Correct(
            _session, chunk.Number, _transfers.Delta, bits, zero, decoded.Elements.Slice(chunk.First, chunk.Count), modulus.Mask, words,
            shares.AsSpan(chunk.First, chunk.Count));
        byte[] message = new byte[modulus.ByteSize(chunk.Count)];
        Ring.BitPacking.Write(words, modulus.Bits, message);
        corrections.Add(message);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(zero.AsSpan()));
        return ProtocolOutcome.Done;
    }

    /// <summary>Batches are independent: as many at a time as there are cores.</summary>
    async ValueTask<ProtocolOutcome> GarbleAsync(GarblerBatch[] garblers)
    {
        IEnumerable<int> layers = Enumerable.Range(0, _plan.Network.Layers.Count);
        (int Layer, ActivationBatch Batch)[] batches = [.. layers.SelectMany(layer => _plan.BatchesOf(layer).ToArray().Select(batch => (layer, batch)))];
        Label delta = _transfers!.Delta;
        for (int first = 0; first < batches.Length; first += Environment.ProcessorCount)
        {
            byte[][] messages = new byte[Math.Min(Environment.ProcessorCount, batches.Length - first)][];
            Parallel.For(0, messages.Length, i =>
            {
                (int layer, ActivationBatch batch) = batches[first + i];
                ulong[] bound = batch.Bound(_values[_plan.Network.Layers[layer].Inputs[0]]!, _values[layer + 1]!);
                messages[i] = BatchBuffers.Rent(batch.Geometry.BatchSize);
                garblers[first + i] = GarblerBatch.Garble(batch.Geometry, _session, batch.Number, delta, bound, _zero[first + i], messages[i]);
                CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(bound.AsSpan()));
                CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_zero[first + i].AsSpan()));
                _zero[first + i] = [];
            });
            foreach (byte[] message in messages)
            {
                ProtocolOutcome outcome = await _channel.SendAsync(MessageKind.Batch, message, _cancellation);
                if (outcome != ProtocolOutcome.Done)
                {
                    return outcome;
                }
                BatchBuffers.Return(message);
            }
        }
        return ProtocolOutcome.Done;
    }

    void ComputeLocal()
    {
        for (int i = 0; i < _plan.Network.Layers.Count; i++)
        {
            if (_plan.Network.Layers[i] is LocalLayer layer && _values[i + 1] is null && layer.Inputs.All(input => _values[input] is not null))
            {
                _values[i + 1] = layer.Apply([.. layer.Inputs.Select(input => _values[input]!)]);
            }
        }
    }

    static RingTensor Copy(RingTensor tensor) => tensor.Reshaped(tensor.Shape);
}
