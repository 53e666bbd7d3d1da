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
                labels[i] = labels[i]?.Length == size ? labels[i] : GC.AllocateUninitializedArray<byte>(size);
                ProtocolOutcome outcome = await channel.ReceiveAsync(MessageKind.Labels, labels[i], cancellation);
                if (outcome != ProtocolOutcome.Done)
                {
                    return outcome;
                }
            }
            Parallel.For(0, count, i => Evaluate(batches[first + i], labels[i], output));
        }
        return ProtocolOutcome.Done;
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
