using Funion.Private.Networks;
using Funion.Private.Protocol;

namespace Funion.Private.Planning;

/// <summary>
/// What an inference costs: bytes and rounds from the architecture, exactly; seconds from kernels that were measured on this machine,
/// <code>
/// seconds = Σ kernels + bytes / bandwidth + rounds · round trip
/// offline   garbling, transfers, square pairs, linear layers under encryption       both parties, one after the other
/// online    evaluation, linear layers on shares
/// </code>
/// Garbling, evaluation and square pairs run on all cores, the others on one, as in the protocol. Nothing overlaps in the model; where calculation and line do, it takes less.
/// </summary>
public sealed class CostModel
{
    readonly KernelTimes _times;

    readonly TransferKind _transfer;

    readonly double _bytesPerSecond, _roundTrip;

    /// <summary>A model of this machine and a line.</summary>
    /// <param name="times">Of the kernels.</param>
    /// <param name="transfer">The transfers that carry labels.</param>
    /// <param name="bytesPerSecond">Of the line; infinite for none.</param>
    /// <param name="roundTrip">Of the line.</param>
    public CostModel(KernelTimes times, TransferKind transfer, double bytesPerSecond, TimeSpan roundTrip)
    {
        ArgumentNullException.ThrowIfNull(times);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(roundTrip, TimeSpan.Zero);
        (_times, _transfer, _bytesPerSecond, _roundTrip) = (times, transfer, bytesPerSecond, roundTrip.TotalSeconds);
    }

    /// <summary>The cost of a network.</summary>
    public PlanCost Of(IntegerNetwork network)
    {
        ProtocolPlan plan = new(network);
        ProtocolSizes offline = ProtocolSizes.Offline(plan, _transfer), online = ProtocolSizes.Online(plan);
        int offlineRounds = ProtocolSizes.OfflineRounds(plan), onlineRounds = ProtocolSizes.OnlineRounds(network);
        Work work = Work.Of(plan);
        double linear = 0, shares = 0;
        foreach (LinearLayer layer in network.Layers.OfType<LinearLayer>())
        {
            (double encrypted, double clear) = _times.Linear(network.Modulus, layer);
            (linear, shares) = (linear + encrypted, shares + clear);
        }
        return new PlanCost(
            offline.Bytes, online.Bytes, offlineRounds, onlineRounds,
            _times.Offline(work) + linear + Line(offline.Bytes, offlineRounds), _times.Online(work) + shares + Line(online.Bytes, onlineRounds));
    }

    double Line(long bytes, int rounds) => (bytes / _bytesPerSecond) + (rounds * _roundTrip);
}
