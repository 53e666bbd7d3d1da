using Funion.Cli.Enclaves;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Serving;

namespace Funion.Cli.LocalNetwork;

/// <summary>The models of a local network, and what its document says of them.</summary>
/// <param name="files">Beside the sample model.</param>
/// <param name="note">Told why a model with samples cannot be asked by two parties.</param>
/// <param name="enclave">The enclave's program, if models are to be asked through a simulated one.</param>
sealed class ServedModels(IReadOnlyList<(string Name, string File)> files, Action<string>? note = null, string? enclave = null) : IDisposable
{
    readonly ModelSet _models = new(files);

    /// <summary>Those that can be asked by two parties.</summary>
    public IReadOnlyDictionary<string, IntegerNetwork> Private { get; } = PrivateModels.Load(files, note);

    readonly EnclaveModels? _enclave = enclave is null ? null : new EnclaveModels(enclave, PrivateModels.Load(files));

    public ModelRunner this[string name] => _models[name];

    /// <summary>What the document says of them, and the λC that carries them.</summary>
    /// <param name="rate">λC per 1,000 seconds, unless a single job needs more.</param>
    /// <param name="buckets">Latency buckets, each for every model.</param>
    /// <param name="userPayload">Bytes.</param>
    public (IReadOnlyList<ModelEntry> Entries, int ComputePerKilosecond) Publish(int rate, IReadOnlyList<TimeSpan> buckets, int userPayload)
    {
        int boxSize = new PigeonholeGeometry(userPayload).MaxPlaintext, most = rate;
        List<ModelEntry> entries = [];
        string[] enclaved = [.. _enclave?.Names ?? []];
        int queues = (_models.Names.Count + enclaved.Length) * buckets.Count;
        foreach (string name in _models.Names)
        {
            ModelRunner runner = _models[name];
            IReadOnlyList<string>? labels = name == DigitModel.Name ? DigitModel.Labels : null;
            (int batch, int needed) = ComputeBudget.For(
                rate, buckets.Min(), SizeClass.Boxes(runner.Inputs, boxSize), SizeClass.Boxes(runner.Outputs, boxSize), queues);
            most = Math.Max(most, needed);
            entries.Add(LocalModel.Entry(name, runner.Sha256, runner.Inputs, runner.Outputs, labels, userPayload, buckets, batch, TwoParty(name), _enclave?.Entry(name)));
        }
        foreach (string name in enclaved)
        {
            (TensorSpec input, TensorSpec output) = _enclave!.Specs(name);
            (int batch, int needed) = ComputeBudget.For(rate, buckets.Min(), SizeClass.Boxes([input], boxSize), SizeClass.Boxes([output], boxSize), queues);
            most = Math.Max(most, needed);
            entries.Add(LocalModel.Entry(name, _enclave.Digest(name), [input], [output], null, userPayload, buckets, batch));
        }
        return (entries, most);
    }

    public ValueTask<IReadOnlyList<byte[]>> RunAsync(string model, IReadOnlyList<ReadOnlyMemory<byte>> inputs, CancellationToken cancellation) =>
        _enclave is not null && _enclave.Names.Contains(model) ? _enclave.RunAsync(model, inputs, cancellation) : _models.RunAsync(model, inputs, cancellation);

    public void Dispose()
    {
        _models.Dispose();
        _enclave?.Dispose();
    }

    TwoPartyEntry? TwoParty(string name) =>
        Private.TryGetValue(name, out IntegerNetwork? network) ? new TwoPartyEntry(ArchitectureFormat.Digest(network).AsSpan().ToArray()) : null;
}
