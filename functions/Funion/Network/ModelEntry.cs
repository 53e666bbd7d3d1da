namespace Funion.Network;

/// <summary>A model that the network serves: its public size class, its buckets and what it takes and gives.</summary>
public sealed record ModelEntry
{
    /// <summary>What clients ask for.</summary>
    public required string Name { get; init; }

    /// <summary>The compute node that runs it.</summary>
    public required NodeId Compute { get; init; }

    /// <summary>SHA-256 of the ONNX file, 64 lower-case hex digits; of a model whose owner keeps the file, what its enclave calls it.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Latency buckets in milliseconds, ascending, multiples of the shortest bucket of the network.</summary>
    public required IReadOnlyList<int> BucketsMilliseconds { get; init; }

    /// <summary>Jobs per bucket, dummies included.</summary>
    public required int Batch { get; init; }

    /// <summary>Boxes of every input stream: n_in.</summary>
    public required int InputBoxes { get; init; }

    /// <summary>Boxes of every output stream: n_out.</summary>
    public required int OutputBoxes { get; init; }

    /// <summary>Boundaries that a run may miss before a failure of the same size is published.</summary>
    public int MaxOverruns { get; init; } = 2;

    /// <summary>Inputs in the graph's order.</summary>
    public required IReadOnlyList<TensorSpec> Inputs { get; init; }

    /// <summary>Outputs in the graph's order.</summary>
    public required IReadOnlyList<TensorSpec> Outputs { get; init; }

    /// <summary>Names of the classes, if the model has any.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>How the model is asked by two parties, its input hidden from compute; null, as most are: not at all.</summary>
    public TwoPartyEntry? TwoParty { get; init; }

    /// <summary>How the model is asked through an enclave; null, as most are: not at all.</summary>
    public EnclaveEntry? Enclave { get; init; }
}
