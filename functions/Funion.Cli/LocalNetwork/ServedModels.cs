using Funion.Cli.Enclaves;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Private.Anonymous;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Serving;

namespace Funion.Cli.LocalNetwork;

/// <summary>The models of a local network, and what its document says of them.</summary>
/// <param name="files">Beside the sample model.</param>
/// <param name="note">Told why a model with samples cannot be asked by two parties.</param>
/// <param name="enclave">The enclave's program, if models are to be asked through a simulated one.</param>
/// <param name="folder">Of an enclave with models that their owners sealed; without one it is provided with those of the files.</param>
/// <param name="kept">Where that enclave and what it was provided with survive; null: they are of this process.</param>
sealed class ServedModels(IReadOnlyList<(string Name, string File)> files, Action<string>? note = null, string? enclave = null, string? folder = null, string? kept = null) : IDisposable
{
    readonly ModelSet _models = new(files);

    /// <summary>Those that can be asked by two parties.</summary>
    public IReadOnlyDictionary<string, IntegerNetwork> Private { get; } = PrivateModels.Load(files, note);

    readonly EnclaveModels? _enclave = enclave is null ? null
        : folder is null ? new EnclaveModels(enclave, PrivateModels.Load(files), kept, note) : new EnclaveModels(enclave, new EnclaveFolder(folder), note);

    public ModelRunner this[string name] => _models[name];

    /// <summary>Those that can be asked by two parties through the mixnet, by the names that their jobs have: what is larger would take hours.</summary>
    public IReadOnlyDictionary<string, IntegerNetwork> Anonymous => Private.Where(model => AnonymousProvider.BytesOf(model.Value) <= AnonymousProvider.MostBytes)
        .ToDictionary(model => TwoPartyEntry.JobsOf(model.Key), model => model.Value);

    /// <summary>What the document says of them, and the λC that carries them.</summary>
    /// <param name="rate">λC per 1,000 seconds, unless a single job needs more.</param>
    /// <param name="buckets">Latency buckets, each for every model.</param>
    /// <param name="userPayload">Bytes.</param>
    /// <param name="anonymous">Whether two-party jobs are offered, too.</param>
    public (IReadOnlyList<ModelEntry> Entries, int ComputePerKilosecond) Publish(
        int rate, IReadOnlyList<TimeSpan> buckets, int userPayload, bool anonymous = false)
    {
        int boxSize = new PigeonholeGeometry(userPayload).MaxPlaintext, most = rate;
        TensorSpec segment = new(AnonymousProvider.TensorName, "UINT8", [AnonymousProvider.SegmentSize(boxSize)]);
        (string Name, string Sha256, IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<TensorSpec> Outputs)[] offered =
        [
            .. _models.Names.Select(name => (name, _models[name].Sha256, _models[name].Inputs, _models[name].Outputs)),
            // The hash is the architecture's: what jobs carry is the same for any weights.
            .. Anonymous.Where(_ => anonymous).Select(model => (
                model.Key, ArchitectureFormat.Digest(model.Value).ToString(), (IReadOnlyList<TensorSpec>)[segment], (IReadOnlyList<TensorSpec>)[segment])),
            .. (_enclave?.Names ?? []).Select(name => (
                name, _enclave!.Digest(name), (IReadOnlyList<TensorSpec>)[_enclave.Specs(name).Input], (IReadOnlyList<TensorSpec>)[_enclave.Specs(name).Output])),
            // Named for what people ask; a plain question to it fails, for there is no model but in ciphertexts.
            .. Hidden.Select(card => (card.Name, card.Model.ToString(), card.Inputs, card.Outputs)),
        ];
        List<ModelEntry> entries = [];
        foreach ((string name, string sha256, IReadOnlyList<TensorSpec> inputs, IReadOnlyList<TensorSpec> outputs) in offered)
        {
            IReadOnlyList<string>? labels = Hidden.FirstOrDefault(card => card.Name == name) is { Labels.Count: > 0 } hidden ? hidden.Labels
                : name == DigitModel.Name ? DigitModel.Labels : null;
            (int batch, int needed) = ComputeBudget.For(
                rate, buckets.Min(), SizeClass.Boxes(inputs, boxSize), SizeClass.Boxes(outputs, boxSize), offered.Length * buckets.Count);
            most = Math.Max(most, needed);
            entries.Add(LocalModel.Entry(name, sha256, inputs, outputs, labels, userPayload, buckets, batch, TwoParty(name), _enclave?.Entry(name)));
        }
        return (entries, most);
    }

    public ValueTask<IReadOnlyList<byte[]>> RunAsync(string model, IReadOnlyList<ReadOnlyMemory<byte>> inputs, CancellationToken cancellation) =>
        _enclave is not null && (_enclave.Names.Contains(model) || Hidden.Any(card => card.Name == model)) ? _enclave.RunAsync(model, inputs, cancellation) : _models.RunAsync(model, inputs, cancellation);

    public void Dispose()
    {
        _models.Dispose();
        _enclave?.Dispose();
    }

    /// <summary>Models of owners who hide them, but for names that are taken.</summary>
    IEnumerable<SealedModelCard> Hidden => (_enclave?.Published ?? []).Where(card => !_models.Names.Contains(card.Name));

    TwoPartyEntry? TwoParty(string name) =>
        Private.TryGetValue(name, out IntegerNetwork? network) ? new TwoPartyEntry(ArchitectureFormat.Digest(network).AsSpan().ToArray()) : null;
}
