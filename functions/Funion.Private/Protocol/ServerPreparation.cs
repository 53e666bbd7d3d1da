using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Garbling;
using Funion.Private.Lattice;
using Funion.Private.Ring;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Protocol;

/// <summary>A server's offline phase of one session, from what follows its offer.</summary>
sealed class ServerPreparation(ServerModel model, MessageChannel channel, Offer offer, CancellationToken cancellation) : IDisposable
{
    readonly ProtocolPlan _plan = model.Plan;

    readonly TransferGeometry _geometry = new((int)offer.Transfer);

    CorrelatedReceiver? _transfers;

    // The line's, if this session is of it.
    LineBaseSender? _line;

    ServerQuadratics? _quadratics;

    readonly RingTensor?[] _shares = new RingTensor?[model.Plan.Network.Layers.Count];

    readonly EvaluatorBatch?[] _batches = new EvaluatorBatch?[model.Plan.Batches.Count];

    Bytes32 _session;

    LatticePublicKey? _key;

    bool _given;

    /// <summary>Runs it; <paramref name="keys"/> are here, or there is room for them where the line's base begins.</summary>
    public async ValueTask<(ProtocolOutcome Outcome, ServerMaterial? Material)> RunAsync(byte[] keys)
    {
        ProtocolOutcome outcome = await GreetAsync(keys);
        for (int i = 0; outcome == ProtocolOutcome.Done && i < _batches.Length; i++)
        {
            outcome = await ExtendAsync(i);
        }
        outcome = outcome == ProtocolOutcome.Done ? await _quadratics!.ExtendAsync(_session) : outcome;
        for (int level = 0; outcome == ProtocolOutcome.Done && level < _plan.Levels.Count; level++)
        {
            outcome = await LevelAsync(_plan.Levels[level]);
        }
        for (int i = 0; outcome == ProtocolOutcome.Done && i < _batches.Length; i++)
        {
            outcome = await TakeAsync(i);
        }
        outcome = outcome == ProtocolOutcome.Done ? await _quadratics!.TakeAsync(_session) : outcome;
        if (outcome != ProtocolOutcome.Done)
        {
            return (outcome, null);
        }
        _given = true;
        channel.Prepared(_line);
        _line = null;
        return (outcome, new ServerMaterial(_plan, _session, channel.Kind, offer.Transfer, _shares, _batches!, _quadratics!.Give()));
    }

    public void Dispose()
    {
        _transfers?.Dispose();
        _line?.Dispose();
        _quadratics?.Dispose();
        if (_given)
        {
            return;
        }
        foreach (RingTensor? share in _shares)
        {
            share?.Dispose();
        }
        foreach (EvaluatorBatch? batch in _batches)
        {
            batch?.Dispose();
        }
    }

    async ValueTask<ProtocolOutcome> GreetAsync(byte[] keys)
    {
        byte[] accept = [0, .. RandomNumberGenerator.GetBytes(Bytes32.Size)];
        ProtocolOutcome outcome = offer.Base == 1 ? await BeginLineAsync(accept, keys) : ProtocolOutcome.Done;
        if (outcome != ProtocolOutcome.Done)
        {
            return outcome;
        }
        _line ??= (LineBaseSender?)(offer.Base > 0 ? channel.TakeBase() : null);
        if (_line is null && offer.Base > 0)
        {
            return channel.Fail(ProtocolOutcome.WrongBase);
        }
        _transfers = new CorrelatedReceiver(offer.TransferSession(_line), _geometry);
        _quadratics = new ServerQuadratics(_plan, channel, _geometry, _transfers, cancellation);
        ReadOnlyMemory<byte> choose = keys.AsMemory(0, keys.Length - _plan.Parameters.PublicKeySize), publicKey = keys.AsMemory(choose.Length);
        byte[] open = new byte[_line is null ? _geometry.OpenSize : _geometry.TreesSize];
        if (LatticePublicKey.TryRead(_plan.Parameters, publicKey.Span, out _key) != LatticeOutcome.Ok)
        {
            return channel.Fail(ProtocolOutcome.Malformed);
        }
        if (_transfers.Open(choose.Span, open, _line) != TransferOutcome.Taken)
        {
            return channel.Fail(_line is null ? ProtocolOutcome.Malformed : ProtocolOutcome.InconsistentTransfer);
        }
        _session = offer.Session(_transfers.Transcript, publicKey.Span, accept);
        outcome = offer.Base == 1 ? outcome : await channel.SendAsync(MessageKind.Accept, accept, cancellation);
        return outcome == ProtocolOutcome.Done ? await channel.SendAsync(MessageKind.Open, open, cancellation) : outcome;
    }

    /// <summary>The base transfers of the line, of which this session is the first.</summary>
    async ValueTask<ProtocolOutcome> BeginLineAsync(byte[] accept, byte[] keys)
    {
        _line = new LineBaseSender(offer.LineSession());
        byte[] begin = _line.Begin.ToArray(), seeds = new byte[LineBase.SeedsSize];
        ProtocolOutcome outcome = await channel.SendAsync(MessageKind.Accept, accept, cancellation);
        outcome = outcome == ProtocolOutcome.Done ? await channel.SendAsync(MessageKind.Line, begin, cancellation) : outcome;
        outcome = outcome == ProtocolOutcome.Done ? await channel.ReceiveAsync(MessageKind.Seeds, seeds, cancellation) : outcome;
        outcome = outcome == ProtocolOutcome.Done ? await channel.ReceiveAsync(MessageKind.Keys, keys, cancellation) : outcome;
        return outcome != ProtocolOutcome.Done ? outcome
            : _line.Open(seeds) == TransferOutcome.Taken ? outcome : channel.Fail(ProtocolOutcome.InconsistentTransfer);
    }

    /// <summary>The transfers of one batch.</summary>
    async ValueTask<ProtocolOutcome> ExtendAsync(int batch)
    {
        GarblingGeometry geometry = _plan.Batches[batch].Geometry;
        byte[] message = BatchBuffers.Rent(_geometry.ExtensionSize(geometry.Transfers)), choices = new byte[geometry.RequestSize];
        Label[] labels = GC.AllocateUninitializedArray<Label>(geometry.Transfers, pinned: true);
        _transfers!.Extend(geometry.Transfers, message, choices, labels);
        _batches[batch] = new EvaluatorBatch(geometry, _session, _plan.Batches[batch].Number, choices, labels);
        CryptographicOperations.ZeroMemory(choices);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(labels.AsSpan()));
        ProtocolOutcome outcome = await channel.SendAsync(MessageKind.Extension, message, cancellation);
        BatchBuffers.Return(message);
        return outcome;
    }

    async ValueTask<ProtocolOutcome> LevelAsync(IReadOnlyList<int> level)
    {
        // All of a level is read before anything is sent: two that send at once would wait for each other.
        List<(int Layer, byte[] Answer, RingTensor Mask)> evaluated = [];
        ProtocolOutcome outcome = ProtocolOutcome.Done;
        try
        {
            foreach (int layer in level)
            {
                byte[] request = new byte[_plan.Layout(layer).RequestSize], answer = new byte[_plan.Layout(layer).AnswerSize];
                outcome = await channel.ReceiveAsync(MessageKind.Request, request, cancellation);
                if (outcome != ProtocolOutcome.Done)
                {
                    return outcome;
                }
                RingTensor mask = new(_plan.Parameters.Guarded, _plan.Network.Layers[layer].Output);
                evaluated.Add((layer, answer, mask));
                if (model.Encoded(layer).TryEvaluate(_key!, request, answer, mask) != LatticeOutcome.Ok)
                {
                    return channel.Fail(ProtocolOutcome.Malformed);
                }
            }
            return await RoundAsync(evaluated);
        }
        finally
        {
            evaluated.ForEach(one => one.Mask.Dispose());
        }
    }

    async ValueTask<ProtocolOutcome> RoundAsync(List<(int Layer, byte[] Answer, RingTensor Mask)> evaluated)
    {
        List<Label[]> chosen = [];
        try
        {
            return await RoundAsync(evaluated, chosen);
        }
        finally
        {
            // Those that a phase cut short left, too.
            chosen.ForEach(labels => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(labels.AsSpan())));
        }
    }

    async ValueTask<ProtocolOutcome> RoundAsync(List<(int Layer, byte[] Answer, RingTensor Mask)> evaluated, List<Label[]> chosen)
    {
        ProtocolOutcome outcome = ProtocolOutcome.Done;
        foreach ((int layer, byte[] answer, RingTensor mask) in evaluated)
        {
            outcome = await channel.SendAsync(MessageKind.Answer, answer, cancellation);
            foreach (RoundingChunk chunk in _plan.ChunksOf(layer))
            {
                byte[] message = new byte[chunk.ChoicesSize(_geometry)];
                chosen.Add(Choose(chunk, mask, message));
                outcome = outcome == ProtocolOutcome.Done ? await channel.SendAsync(MessageKind.Choices, message, cancellation) : outcome;
            }
        }
        int next = 0;
        foreach ((int layer, _, RingTensor mask) in evaluated)
        {
            ulong[] shares = GC.AllocateArray<ulong>(mask.Shape.Count, pinned: true);
            foreach (RoundingChunk chunk in _plan.ChunksOf(layer))
            {
                byte[] message = new byte[_plan.Network.Modulus.ByteSize(chunk.Count)];
                outcome = outcome == ProtocolOutcome.Done ? await channel.ReceiveAsync(MessageKind.Corrections, message, cancellation) : outcome;
                if (outcome != ProtocolOutcome.Done || !Receive(chunk, chosen[next++], mask, message, shares))
                {
                    CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(shares.AsSpan()));
                    return outcome != ProtocolOutcome.Done ? outcome : channel.Fail(ProtocolOutcome.Malformed);
                }
            }
            // The server's part is the one without the lowest bit here: what Rounding calls the client's.
            _shares[layer] = Rounding.ClientShare(mask, shares);
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(shares.AsSpan()));
        }
        return outcome;
    }

    Label[] Choose(RoundingChunk chunk, RingTensor mask, Span<byte> message)
    {
        Label[] chosen = GC.AllocateUninitializedArray<Label>(chunk.Count, pinned: true);
        int extension = _geometry.ExtensionSize(chunk.Count);
        _transfers!.Extend(chunk.Count, message[..extension], message[extension..], chosen);
        RoundingTransfer.Choose(mask.Elements.Slice(chunk.First, chunk.Count), message[extension..]);
        return chosen;
    }

    bool Receive(RoundingChunk chunk, Label[] chosen, RingTensor mask, ReadOnlySpan<byte> message, Span<ulong> shares)
    {
        Modulus modulus = _plan.Network.Modulus;
        ulong[] corrections = new ulong[chunk.Count];
        bool read = Ring.BitPacking.TryRead(message, modulus.Bits, corrections);
        if (read)
        {
            RoundingTransfer.Receive(
                _session, chunk.Number, chosen, mask.Elements.Slice(chunk.First, chunk.Count), corrections, modulus.Mask, shares.Slice(chunk.First, chunk.Count));
        }
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(chosen.AsSpan()));
        return read;
    }

    async ValueTask<ProtocolOutcome> TakeAsync(int batch)
    {
        byte[] message = BatchBuffers.Rent(_plan.Batches[batch].Geometry.BatchSize);
        ProtocolOutcome outcome = await channel.ReceiveAsync(MessageKind.Batch, message, cancellation);
        if (outcome != ProtocolOutcome.Done)
        {
            return outcome;
        }
        return _batches[batch]!.Take(message, rented: true) == GarblingOutcome.Taken ? outcome : channel.Fail(ProtocolOutcome.WrongSession);
    }
}
