using Funion.Inference;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Cli.LocalNetwork;

/// <summary>What a local network publishes of a model: sizes derived from its inputs and outputs and from the network's boxes.</summary>
static class LocalModel
{
    /// <summary>Boundaries that a job may miss.</summary>
    const int Overruns = 3;

    public static ModelEntry Entry(
        string name, string sha256, IReadOnlyList<TensorSpec> inputs, IReadOnlyList<TensorSpec> outputs, IReadOnlyList<string>? labels,
        int userPayload, IReadOnlyList<TimeSpan> buckets, int batch, TwoPartyEntry? twoParty = null, EnclaveEntry? enclave = null)
    {
        int boxSize = new PigeonholeGeometry(userPayload).MaxPlaintext;
        return new ModelEntry
        {
            Name = name, Compute = default, Sha256 = sha256, BucketsMilliseconds = [.. buckets.Select(bucket => (int)bucket.TotalMilliseconds).Order()],
            Batch = batch, InputBoxes = SizeClass.Boxes(inputs, boxSize), OutputBoxes = SizeClass.Boxes(outputs, boxSize), MaxOverruns = Overruns,
            Inputs = inputs, Outputs = outputs, Labels = labels, TwoParty = twoParty, Enclave = enclave,
        };
    }
}
