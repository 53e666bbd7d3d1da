using Funion.Models.Digits;

namespace Funion.Models;

/// <summary>The models that a compute node serves: the sample one, and whatever files were named.</summary>
public sealed class ModelSet : IDisposable
{
    readonly Dictionary<string, ModelRunner> _models = new(StringComparer.Ordinal);

    /// <summary>Loads the files.</summary>
    /// <param name="files">Names and files.</param>
    /// <param name="accelerate">Whether to run on a GPU where there is one.</param>
    /// <param name="threads">Of the processor, for each model.</param>
    /// <exception cref="ModelException">One of them cannot be served.</exception>
    public ModelSet(IReadOnlyList<(string Name, string File)> files, bool accelerate = false, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(files);
        _models[DigitModel.Name] = ModelRunner.Load(DigitModel.File(), threads, accelerate);
        foreach ((string name, string file) in files)
        {
            try
            {
                _models[name] = ModelRunner.Load(File.ReadAllBytes(file), threads, accelerate);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new ModelException($"The model file {file} cannot be read.", error);
            }
        }
    }

    /// <summary>The files *.onnx of a folder, named by their names; none for no folder.</summary>
    /// <exception cref="ModelException">The folder cannot be read.</exception>
    public static IReadOnlyList<(string Name, string File)> FilesOf(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            return folder.Length == 0
                ? []
                : [.. Directory.EnumerateFiles(folder, "*.onnx").Order(StringComparer.Ordinal).Select(file => (Path.GetFileNameWithoutExtension(file), file))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"The folder of models {folder} cannot be read.", error);
        }
    }

    /// <summary>Names of all.</summary>
    public IReadOnlyCollection<string> Names => _models.Keys;

    /// <summary>A model by its name.</summary>
    public ModelRunner this[string name] => _models[name];

    /// <summary>Runs a batch on a thread of its own, so that the bucket clock keeps time while a model computes.</summary>
    public async ValueTask<IReadOnlyList<byte[]>> RunAsync(string model, IReadOnlyList<ReadOnlyMemory<byte>> inputs, CancellationToken cancellation) =>
        await Task.Run(() => _models[model].Run(inputs), cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ModelRunner runner in _models.Values)
        {
            runner.Dispose();
        }
    }
}
