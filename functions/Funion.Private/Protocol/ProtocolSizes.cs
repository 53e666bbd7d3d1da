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
        long up = Message(Offer.Size) + Message(plan.KeysSize(line: false));
        long down = Message(ProtocolPlan.AcceptSize) + Message(geometry.OpenSize) + Message(0);
        foreach (ActivationBatch batch in plan.Batches)
        {
            up += Message(batch.Geometry.BatchSize);
            down += Message(geometry.ExtensionSize(batch.Geometry.Transfers));
        }
        foreach (QuadraticBatch batch in plan.Quadratics)
        {
            up += Message(batch.Squares.MessageSize) + (batch.Garbling is { } carries ? Message(carries.BatchSize) : 0);
            down += Message(geometry.ExtensionSize(batch.Squares.Transfers)) + (batch.Garbling is { } cut ? Message(geometry.ExtensionSize(cut.Transfers)) : 0);
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
        up += plan.Quadratics.Sum(batch => Message(batch.WordsSize) + (batch.Garbling is { } carries ? Message(carries.ReplySize) : 0));
        down += plan.Quadratics.Sum(batch => Message(batch.WordsSize) + (batch.Garbling is { } carries ? Message(carries.RequestSize) : 0));
        return new ProtocolSizes(
            up + plan.Batches.Sum(batch => Message(batch.Geometry.ReplySize)), down + plan.Batches.Sum(batch => Message(batch.Geometry.RequestSize)));
    }

    /// <summary>How often a client waits for the server after it sent something, in the offline phase of a network.</summary>
    public static int OfflineRounds(IntegerNetwork network) => OfflineRounds(new ProtocolPlan(network));

    /// <summary>The same in the online phase.</summary>
    public static int OnlineRounds(IntegerNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        // The accept comes with what the first layer asks, or with the result.
        return 1 + network.Layers.Sum(layer => layer switch { NonlinearLayer => 1, QuadraticLayer square => square.Cuts(network.Modulus) ? 2 : 1, _ => 0 });
    }

    // The greeting, each level's requests, and the end; a level's corrections go out with the next level's requests.
    internal static int OfflineRounds(ProtocolPlan plan) => 2 + plan.Levels.Count;

    static long Message(int body) => MessageChannel.HeaderSize + body;
}
