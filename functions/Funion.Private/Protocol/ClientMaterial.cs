using Funion.Private.Garbling;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>
/// What a client keeps from the offline phase: its mask of the input, its share of the output, and for each batch what it answers with. Good for one
/// input, on the kind of channel that it was prepared on. Everything in it is secret.
/// </summary>
public sealed class ClientMaterial : IDisposable
{
    int _taken;

    internal ClientMaterial(ProtocolPlan plan, in Bytes32 session, ChannelKind channel, TransferKind transfer, RingTensor mask, RingTensor output, GarblerBatch[] batches,
        QuadraticPart<GarblerBatch>[] quadratics)
    {
        (Plan, Session, Channel, Transfer) = (plan, session, channel, transfer);
        (Mask, Output, Batches, Quadratics) = (mask, output, batches, quadratics);
    }

    /// <summary>Of the offline phase, and of the one online phase that follows.</summary>
    public Bytes32 Session { get; }

    /// <summary>The kind of channel that it may be used on.</summary>
    public ChannelKind Channel { get; }

    internal ProtocolPlan Plan { get; }

    internal TransferKind Transfer { get; }

    internal RingTensor Mask { get; }

    internal RingTensor Output { get; }

    internal GarblerBatch[] Batches { get; }

    internal QuadraticPart<GarblerBatch>[] Quadratics { get; }

    /// <summary>Wipes it.</summary>
    public void Dispose()
    {
        _taken = 1;
        Mask.Dispose();
        Output.Dispose();
        foreach (IDisposable batch in (IEnumerable<IDisposable>)[.. Batches, .. Quadratics])
        {
            batch.Dispose();
        }
    }

    /// <summary>True once.</summary>
    internal bool Take() => Interlocked.Exchange(ref _taken, 1) == 0;
}
