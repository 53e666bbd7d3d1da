using Funion.Private.Garbling;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>What a server keeps from the offline phase: its share of W·r for every linear layer, and the garbled batches. As single-use as its counterpart.</summary>
public sealed class ServerMaterial : IDisposable
{
    int _taken;

    internal ServerMaterial(ProtocolPlan plan, in Bytes32 session, ChannelKind channel, TransferKind transfer, RingTensor?[] shares, EvaluatorBatch[] batches,
        QuadraticPart<EvaluatorBatch>[] quadratics)
    {
        (Plan, Session, Channel, Transfer) = (plan, session, channel, transfer);
        (Shares, Batches, Quadratics) = (shares, batches, quadratics);
    }

    /// <summary>Of the offline phase, and of the one online phase that follows.</summary>
    public Bytes32 Session { get; }

    /// <summary>The kind of channel that it may be used on.</summary>
    public ChannelKind Channel { get; }

    /// <summary>About how many bytes it takes, in memory as on disk.</summary>
    public long Size => SizeOf(Plan);

    internal ProtocolPlan Plan { get; }

    internal TransferKind Transfer { get; }

    /// <summary>By layer; null for those that are not linear.</summary>
    internal RingTensor?[] Shares { get; }

    internal EvaluatorBatch[] Batches { get; }

    internal QuadraticPart<EvaluatorBatch>[] Quadratics { get; }

    /// <summary>Wipes it.</summary>
    public void Dispose()
    {
        _taken = 1;
        foreach (RingTensor? share in Shares)
        {
            share?.Dispose();
        }
        foreach (IDisposable batch in (IEnumerable<IDisposable>)[.. Batches, .. Quadratics])
        {
            batch.Dispose();
        }
    }

    internal static long SizeOf(ProtocolPlan plan) =>
        plan.Batches.Sum(batch => (long)EvaluatorBatch.ExportSize(batch.Geometry))
        + plan.Quadratics.Sum(batch => (long)QuadraticPart<EvaluatorBatch>.WordsSize(batch) + (batch.Garbling is { } one ? EvaluatorBatch.ExportSize(one) : 0))
        + plan.Network.Layers.Sum(layer => (long)plan.Network.Modulus.ByteSize(layer.Output.Count));

    /// <summary>True once.</summary>
    internal bool Take() => Interlocked.Exchange(ref _taken, 1) == 0;
}
