using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Cli.LocalNetwork;

/// <summary>The models of a local network: the sample one, and whatever files were named.</summary>
sealed class ServedModels : IDisposable
{
    readonly Dictionary<string, (ModelRunner Runner, IReadOnlyList<string>? Labels)> _models = [];

    /// <summary>Loads the files. Throws <see cref="ModelException"/> for one that cannot be served.</summary>
    public ServedModels(IReadOnlyList<(string Name, string File)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        _models[DigitModel.Name] = (ModelRunner.Load(DigitModel.File()), DigitModel.Labels);
        foreach ((string name, string file) in files)
        {
            try
            {
                _models[name] = (ModelRunner.Load(File.ReadAllBytes(file)), null);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new ModelException($"The model file {file} cannot be read.", error);
            }
        }
    }

    public ModelRunner this[string name] => _models[name].Runner;

    /// <summary>What the document says of them, and the λC that carries them.</summary>
    /// <param name="rate">λC per 1,000 seconds, unless a single job needs more.</param>
    /// <param name="buckets">Latency buckets, each for every model.</param>
    /// <param name="userPayload">Bytes.</param>
    public (IReadOnlyList<ModelEntry> Entries, int ComputePerKilosecond) Publish(int rate, IReadOnlyList<TimeSpan> buckets, int userPayload)
    {
        int boxSize = new PigeonholeGeometry(userPayload).MaxPlaintext, most = rate;
        List<ModelEntry> entries = [];
        foreach ((string name, (ModelRunner runner, IReadOnlyList<string>? labels)) in _models)
        {
            (int batch, int needed) = ComputeBudget.For(
                rate, buckets.Min(), SizeClass.Boxes(runner.Inputs, boxSize), SizeClass.Boxes(runner.Outputs, boxSize), _models.Count * buckets.Count);
            most = Math.Max(most, needed);
            entries.Add(LocalModel.Entry(name, runner.Sha256, runner.Inputs, runner.Outputs, labels, userPayload, buckets, batch));
        }
        return (entries, most);
    }

    /// <summary>Runs a batch on a thread of its own, so that the bucket clock keeps time while a model computes.</summary>
    public async ValueTask<IReadOnlyList<byte[]>> RunAsync(string model, IReadOnlyList<ReadOnlyMemory<byte>> inputs, CancellationToken cancellation) =>
        await Task.Run(() => _models[model].Runner.Run(inputs), cancellation);

    public void Dispose()
    {
        foreach ((ModelRunner runner, _) in _models.Values)
        {
            runner.Dispose();
        }
    }
}
