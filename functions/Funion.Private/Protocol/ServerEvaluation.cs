using Funion.Private.Garbling;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>A server's online phase: its share of every value, layer by layer.</summary>
sealed class ServerEvaluation(ProtocolPlan plan, MessageChannel channel, ServerMaterial material, CancellationToken cancellation)
{
    public async ValueTask<ProtocolOutcome> RunAsync(RingTensor masked)
    {
        RingTensor[] values = new RingTensor[plan.Network.Layers.Count + 1];
        values[0] = masked;
        for (int i = 0; i < plan.Network.Layers.Count; i++)
        {
            IntegerLayer layer = plan.Network.Layers[i];
            if (layer is NonlinearLayer)
            {
                values[i + 1] = new RingTensor(plan.Network.Modulus, layer.Output);
                ProtocolOutcome outcome = await ActivateAsync(i, values[layer.Inputs[0]], values[i + 1]);
                if (outcome != ProtocolOutcome.Done)
                {
                    return outcome;
                }
                continue;
            }
            if (layer is QuadraticLayer)
            {
                values[i + 1] = new RingTensor(plan.Network.Modulus, layer.Output);
                ProtocolOutcome outcome = await SquareAsync(i, values[layer.Inputs[0]], values[i + 1]);
                if (outcome != ProtocolOutcome.Done)
                {
                    return outcome;
                }
                continue;
            }
            values[i + 1] = layer is LinearLayer linear
                ? Linear(linear, i, values[linear.Input])
                : layer.Apply([.. layer.Inputs.Select(input => values[input])]);
        }
        return await channel.SendAsync(MessageKind.Result, values[^1].ToBytes(), cancellation);
    }

    /// <summary>W(x − r) + b + its share of W·r.</summary>
    RingTensor Linear(LinearLayer layer, int index, RingTensor input)
    {
        RingTensor share = layer.Multiply(input.Reshaped(layer.Shape.Input)).Plus(material.Shares[index]!);
        layer.AddBias(share);
        return share;
    }

    async ValueTask<ProtocolOutcome> ActivateAsync(int layer, RingTensor input, RingTensor output)
    {
        ActivationBatch[] batches = plan.BatchesOf(layer).ToArray();
        foreach (ActivationBatch batch in batches)
        {
            ProtocolOutcome outcome = await channel.SendAsync(MessageKind.Ask, Ask(batch, input), cancellation);
            if (outcome != ProtocolOutcome.Done)
            {
                return outcome;
            }
        }
        byte[][] labels = new byte[Math.Min(Environment.ProcessorCount, batches.Length)][];
        for (int first = 0; first < batches.Length; first += labels.Length)
        {
            int count = Math.Min(labels.Length, batches.Length - first);
            for (int i = 0; i < count; i++)
            {
                int size = batches[first + i].Geometry.ReplySize;
                if (labels[i]?.Length != size)
                {
                    labels[i] = BatchBuffers.Rent(size);
                }
                ProtocolOutcome outcome = await channel.ReceiveAsync(MessageKind.Labels, labels[i], cancellation);
                if (outcome != ProtocolOutcome.Done)
                {
                    return outcome;
                }
            }
            Parallel.For(0, count, i => Evaluate(batches[first + i], labels[i], output));
        }
        foreach (byte[] reply in labels)
        {
            BatchBuffers.Return(reply);
        }
        return ProtocolOutcome.Done;
    }

    /// <summary>Cuts, opens the cut less the pairs' values, takes what is missing of the squares.</summary>
    async ValueTask<ProtocolOutcome> SquareAsync(int layer, RingTensor input, RingTensor output)
    {
        QuadraticBatch[] batches = plan.QuadraticsOf(layer).ToArray();
        (ProtocolOutcome outcome, ulong[][] cut) = await CutAsync(batches, input);
        for (int i = 0; outcome == ProtocolOutcome.Done && i < batches.Length; i++)
        {
            ulong[] opened = new ulong[batches[i].Count];
            byte[] message = new byte[batches[i].WordsSize];
            RingKernels.Add(opened, cut[i], plan.Network.Modulus.Mask);
            RingKernels.Subtract(opened, material.Quadratics[batches[i].Index].Values, plan.Network.Modulus.Mask);
            BitPacking.Write(opened, plan.Network.Modulus.Bits, message);
            outcome = await channel.SendAsync(MessageKind.Opened, message, cancellation);
        }
        for (int i = 0; outcome == ProtocolOutcome.Done && i < batches.Length; i++)
        {
            byte[] message = new byte[batches[i].WordsSize];
            outcome = await channel.ReceiveAsync(MessageKind.Squares, message, cancellation);
            if (outcome == ProtocolOutcome.Done)
            {
                QuadraticPart<EvaluatorBatch> part = material.Quadratics[batches[i].Index];
                Span<ulong> words = output.Elements.Slice(batches[i].First, batches[i].Count);
                if (!BitPacking.TryRead(message, plan.Network.Modulus.Bits, words))
                {
                    return channel.Fail(ProtocolOutcome.Malformed);
                }
                batches[i].Finish(cut[i], part.Values, part.Squares, words);
                part.Dispose();
            }
        }
        return outcome;
    }

    async ValueTask<(ProtocolOutcome Outcome, ulong[][] Cut)> CutAsync(QuadraticBatch[] batches, RingTensor input)
    {
        ulong[][] cut = [.. batches.Select(batch => new ulong[batch.Count])];
        ProtocolOutcome outcome = ProtocolOutcome.Done;
        foreach (QuadraticBatch batch in batches)
        {
            if (batch.Garbling is { } garbling && outcome == ProtocolOutcome.Done)
            {
                ulong[] words = new ulong[batch.Count];
                byte[] request = new byte[garbling.RequestSize];
                batch.Open(input.Elements.Slice(batch.First, batch.Count), words);
                material.Quadratics[batch.Index].Garbled!.Request(words, request);
                outcome = await channel.SendAsync(MessageKind.Ask, request, cancellation);
            }
        }
        for (int first = 0; first < batches.Length; first += Environment.ProcessorCount)
        {
            byte[][] labels = [.. batches.Skip(first).Take(Environment.ProcessorCount).Select(batch => new byte[batch.Garbling?.ReplySize ?? 0])];
            for (int i = 0; i < labels.Length && labels[i].Length > 0 && outcome == ProtocolOutcome.Done; i++)
            {
                outcome = await channel.ReceiveAsync(MessageKind.Labels, labels[i], cancellation);
            }
            if (outcome != ProtocolOutcome.Done)
            {
                return (outcome, cut);
            }
            int from = first;
            Parallel.For(0, labels.Length, i => Cut(batches[from + i], labels[i], input, cut[from + i]));
        }
        return (outcome, cut);
    }

    void Cut(QuadraticBatch batch, byte[] labels, RingTensor input, ulong[] values)
    {
        ulong[] carries = new ulong[batch.Garbling is { } garbling ? garbling.Instances * garbling.Results : 0];
        if (carries.Length > 0 && material.Quadratics[batch.Index].Garbled!.Evaluate(labels, [], carries) != GarblingOutcome.Taken)
        {
            throw new InvalidOperationException("A batch was used before its turn.");
        }
        batch.CutOpen(input.Elements.Slice(batch.First, batch.Count), carries, values);
    }

    byte[] Ask(ActivationBatch batch, RingTensor input)
    {
        ulong[] words = new ulong[batch.OpenWords];
        byte[] request = new byte[batch.Geometry.RequestSize];
        batch.Open(input, words);
        material.Batches[batch.Number].Request(words, request);
        return request;
    }

    void Evaluate(ActivationBatch batch, byte[] labels, RingTensor output)
    {
        ulong[] results = new ulong[batch.Geometry.Instances];
        // The material is sound and the size was checked: anything else is a fault of this program.
        if (material.Batches[batch.Number].Evaluate(labels, [], results) != GarblingOutcome.Taken)
        {
            throw new InvalidOperationException("A batch was used before its turn.");
        }
        batch.Scatter(results, output);
    }
}
