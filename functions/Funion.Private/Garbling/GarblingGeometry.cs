using Funion.Private.Transfer;

namespace Funion.Private.Garbling;

/// <summary>
/// Every size of a batch of n garbled instances of one circuit, with A ands, b open bits, t late bits and l output bits.
/// <code>
/// transfers = n·b                                                                        correlated transfers, offline
/// batch     = binding 32 ‖ seed 32 ‖ tables n·A·32 ‖ words to decode n·l/8               garbler → evaluator, offline
///             with shares mod 2ˢ in place of results: … ‖ corrections n·l·s/8
/// request   = n·b/8        choice bits ⊕ inputs                                          evaluator → garbler
/// reply     = n·b·16       labels, under those of the transfers; nothing if choices are first     garbler → evaluator
/// labels    = n·t·16       of late words                                                 garbler → evaluator, online
/// </code>
/// A client that garbles, which this project means: request and reply are online, its own words are bound. Exact ReLU, l = 32, f = 8, per value:
/// <code>
/// offline   2,720 tables + 4 to decode + 32 transfers (IKNP 510, SoftSpoken 125)  = 3,234 or 2,849 bytes
/// online    4 + 512                                                              =   516 bytes
/// </code>
/// At l = 24 with low bits dropped: offline 1,696 + 3 + 16 transfers (256 or 63) = 1,955 or 1,762, online 2 + 256 = 258; exact, l = 24, f = 8: 1,952 + 3 + 24
/// transfers (383 or 94) = 2,338 or 2,049, online 387.
/// </summary>
sealed class GarblingGeometry
{
    internal const int BindingSize = 32;

    internal const int HeaderSize = BindingSize + BatchKeys.SeedSize;

    /// <summary>Makes a geometry.</summary>
    /// <param name="circuit">What is garbled.</param>
    /// <param name="instances">n, at most 2²⁰ transfers' worth and 1 GiB of tables.</param>
    /// <param name="choicesFirst">The evaluator's words are known before the garbler garbles: labels are those of the transfers, and there is no reply.</param>
    /// <param name="shareBits">
    /// s: the parties get shares mod 2ˢ of each output bit (<see cref="OutputShares"/>), and nobody the result; 0 for a result that the evaluator gets.
    /// </param>
    public GarblingGeometry(Circuit circuit, int instances, bool choicesFirst = false, int shareBits = 0)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentOutOfRangeException.ThrowIfLessThan(instances, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)instances * circuit.OpenBits, TransferGeometry.MaxTransfers, nameof(instances));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)instances * circuit.AndGates, 1 << 25, nameof(instances));
        ArgumentOutOfRangeException.ThrowIfNegative(shareBits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shareBits, 64);
        Circuit = circuit;
        Instances = instances;
        ShareBits = shareBits;
        ChoicesFirst = choicesFirst;
    }

    /// <summary>What is garbled.</summary>
    public Circuit Circuit { get; }

    /// <summary>n.</summary>
    public int Instances { get; }

    /// <summary>Whether the evaluator's words are known before the garbler garbles.</summary>
    public bool ChoicesFirst { get; }

    /// <summary>Of a share of each output bit; 0 where the evaluator gets the result.</summary>
    public int ShareBits { get; }

    /// <summary>Words that an evaluation gives an instance: the result, or a share of each of its bits.</summary>
    public int Results => ShareBits == 0 ? 1 : Circuit.Outputs;

    /// <summary>Correlated transfers that a batch uses up.</summary>
    public int Transfers => Instances * Circuit.OpenBits;

    /// <summary>Bytes of tables.</summary>
    public int TablesSize => Instances * Circuit.AndGates * 32;

    /// <summary>Bytes of the words to decode with.</summary>
    public int DecodeSize => Packed(Instances * Results * ResultBits);

    /// <summary>Bytes of a garbled batch.</summary>
    public int BatchSize => HeaderSize + TablesSize + DecodeSize;

    /// <summary>Bytes of the evaluator's request.</summary>
    public int RequestSize => Packed(Transfers);

    /// <summary>Bytes of the garbler's reply.</summary>
    public int ReplySize => ChoicesFirst ? 0 : Transfers * TransferGeometry.LabelSize;

    /// <summary>Bytes of the labels of late words.</summary>
    public int LateSize => Instances * Circuit.LateBits * TransferGeometry.LabelSize;

    /// <summary>Groups of instances.</summary>
    public int Groups => (Instances + LabelHash.Lanes - 1) / LabelHash.Lanes;

    /// <summary>Bytes both ways before the evaluator's input is known, extension of the transfers included.</summary>
    public long OfflineBytes(TransferGeometry transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        return transfer.ExtensionSize(Transfers) + BatchSize + (ChoicesFirst ? RequestSize : 0L);
    }

    /// <summary>Bytes both ways after. An evaluator that hands its results on sends <see cref="DecodeSize"/> more.</summary>
    public long OnlineBytes => (ChoicesFirst ? 0L : RequestSize + ReplySize) + LateSize;

    internal int ResultBits => ShareBits == 0 ? Circuit.Outputs : ShareBits;

    internal int TableSize(int instances) => instances * Circuit.AndGates * 32;

    internal int InstancesOf(int group) => Math.Min(LabelHash.Lanes, Instances - (group * LabelHash.Lanes));

    static int Packed(int bits) => (bits + 7) / 8;
}
