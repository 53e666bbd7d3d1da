using System.Globalization;
using System.Security.Cryptography;
using Funion.Cli.Commands;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Verified;

/// <summary>Reads folders of inputs, each input once: one that was drawn is not drawn again, so one that counted twice would be missed later.</summary>
/// <param name="entry">What inputs of the model are like.</param>
sealed class SampleFolders(ModelEntry entry)
{
    const int MostFiles = 4_096;

    // By the hash of an input: its label, or null where it is certified.
    readonly Dictionary<string, int?> _seen = new(StringComparer.Ordinal);

    /// <summary>How many inputs were left out because they were there already.</summary>
    public int Repeated { get; private set; }

    /// <summary>Inputs to certify; before the labelled ones, which are then others.</summary>
    /// <exception cref="IOException">There is no such folder, nothing in it, or what is no input of the model.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<Tensor>>> CertifiedAsync(string folder, CancellationToken cancellation)
    {
        List<IReadOnlyList<Tensor>> samples = [];
        foreach (string path in Files(folder))
        {
            IReadOnlyList<Tensor> input = await ReadAsync(path, cancellation);
            if (IsNew(path, input, null))
            {
                samples.Add(input);
            }
        }
        return samples.Count > 0 ? samples : throw new IOException($"There are no inputs in {folder}.");
    }

    /// <summary>Inputs from a folder with a folder for each label.</summary>
    /// <exception cref="IOException">As above; or a folder's name is no label, or an input has two.</exception>
    public async Task<IReadOnlyList<(IReadOnlyList<Tensor> Input, int Label)>> LabelledAsync(string? folder, CancellationToken cancellation)
    {
        List<(IReadOnlyList<Tensor>, int)> samples = [];
        foreach (string of in folder is null ? throw new IOException("Name a folder of labelled inputs with --labelled.") : Directory.EnumerateDirectories(There(folder)).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(of);
            int label = entry.Labels?.ToList().IndexOf(name) is { } at and >= 0 ? at
                : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
                : throw new IOException($"'{name}' is no label of the model, by name or by number.");
            foreach (string path in Files(of))
            {
                IReadOnlyList<Tensor> input = await ReadAsync(path, cancellation);
                if (IsNew(path, input, label))
                {
                    samples.Add((input, label));
                }
            }
        }
        // None that are new is another matter: they are certified.
        return samples.Count > 0 || Repeated > 0 ? samples : throw new IOException($"There is no folder of a label with inputs in {folder}.");
    }

    static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(There(folder)).Order(StringComparer.Ordinal).Take(MostFiles);

    static string There(string folder) => Directory.Exists(folder) ? folder : throw new IOException($"There is no folder {folder}.");

    bool IsNew(string path, IReadOnlyList<Tensor> input, int? label)
    {
        string name = Convert.ToHexString(SHA256.HashData(TensorCodec.Encode(input)));
        if (_seen.TryAdd(name, label))
        {
            return true;
        }
        if (label is not null && _seen[name] is { } other && other != label)
        {
            throw new IOException($"{path} lies in another label's folder as well.");
        }
        Repeated++;
        return false;
    }

    async Task<IReadOnlyList<Tensor>> ReadAsync(string path, CancellationToken cancellation)
    {
        (IReadOnlyList<Tensor>? tensors, string problem) = await InputFile.ReadAsync(path, entry, cancellation);
        tensors = tensors is null ? null : Funion.Oip.ModelMetadata.Take(entry, tensors, out problem);
        return tensors ?? throw new IOException(problem);
    }
}
