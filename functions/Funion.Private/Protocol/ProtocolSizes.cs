using Funion.Private.Networks;
using Funion.Private.Transfer;

namespace Funion.Private.Protocol;

/// <summary>Bytes of a phase, headers included, from the architecture alone: what it costs, and how far it is.</summary>
/// <param name="Up">From the client.</param>
/// <param name="Down">From the server.</param>
public readonly record struct ProtocolSizes(long Up, long Down)
{
    /// <summary>Both ways.</summary>
    public long Bytes => Up + Down;

    /// <summary>The offline phase of a network.</summary>
    public static ProtocolSizes Offline(IntegerNetwork network, TransferKind transfer) => Offline(new ProtocolPlan(network), transfer);

    /// <summary>The online phase of a network.</summary>
    public static ProtocolSizes Online(IntegerNetwork network) => Online(new ProtocolPlan(network));

    internal static ProtocolSizes Offline(ProtocolPlan plan, TransferKind transfer)
    {
        TransferGeometry geometry = new((int)transfer);
        long up = Message(Offer.Size) + Message(plan.KeysSize);
        long down = Message(ProtocolPlan.AcceptSize) + Message(geometry.OpenSize) + Message(0);
        foreach (ActivationBatch batch in plan.Batches)
        {
            up += Message(batch.Geometry.BatchSize);
            down += Message(geometry.ExtensionSize(batch.Geometry.Transfers));
        }
        foreach (int layer in plan.Levels.SelectMany(level => level))
        {
            up += Message(plan.Layout(layer).RequestSize) + plan.ChunksOf(layer).Sum(chunk => Message(plan.Network.Modulus.ByteSize(chunk.Count)));
            down += Message(plan.Layout(layer).AnswerSize) + plan.ChunksOf(layer).Sum(chunk => Message(chunk.ChoicesSize(geometry)));
        }
        return new ProtocolSizes(up, down);
    }

    internal static ProtocolSizes Online(ProtocolPlan plan)
    {
        long up = Message(Offer.Size) + Message(plan.Network.Modulus.ByteSize(plan.Network.Input.Count));
        long down = Message(ProtocolPlan.AcceptSize) + Message(plan.Network.Modulus.ByteSize(plan.Network.Output.Count));
        return new ProtocolSizes(
            up + plan.Batches.Sum(batch => Message(batch.Geometry.ReplySize)), down + plan.Batches.Sum(batch => Message(batch.Geometry.RequestSize)));
    }

    static long Message(int body) => MessageChannel.HeaderSize + body;
}
