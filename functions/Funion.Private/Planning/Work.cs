using Funion.Private.Garbling;
using Funion.Private.Protocol;

namespace Funion.Private.Planning;

/// <summary>Amounts of work of the kernels, in calls and in what each is measured by.</summary>
/// <param name="Batches">Garbled.</param>
/// <param name="Ands">In them.</param>
/// <param name="Extensions">Of transfers.</param>
/// <param name="Transfers">In them.</param>
/// <param name="PairBatches">Of square pairs.</param>
/// <param name="PairTransfers">Transfers that those take.</param>
readonly record struct Work(int Batches, long Ands, int Extensions, long Transfers, int PairBatches, long PairTransfers)
{
    /// <summary>Of a whole plan.</summary>
    public static Work Of(ProtocolPlan plan)
    {
        GarblingGeometry[] garbled = [.. plan.Batches.Select(batch => batch.Geometry), .. plan.Quadratics.Select(batch => batch.Garbling).OfType<GarblingGeometry>()];
        RoundingChunk[] rounded = [.. Enumerable.Range(0, plan.Network.Layers.Count).SelectMany(plan.ChunksOf)];
        long pairs = plan.Quadratics.Sum(batch => (long)batch.Squares.Transfers);
        return new Work(
            garbled.Length, garbled.Sum(one => (long)one.Instances * one.Circuit.AndGates), garbled.Length + rounded.Length + plan.Quadratics.Count,
            garbled.Sum(one => (long)one.Transfers) + rounded.Sum(chunk => (long)chunk.Count) + pairs, plan.Quadratics.Count, pairs);
    }
}
