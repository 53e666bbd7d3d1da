using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Private.Networks;

namespace Funion.Private.Serving;

/// <summary>
/// Which models can be asked by two parties: those that reduce to an integer network, with samples of inputs to calibrate them on. The sample model draws its
/// own; for FILE.onnx they are FILE.samples.npy beside it, FP32 of shape [n, …]: inputs like those to come, a few dozen.
/// </summary>
public static class PrivateModels
{
    const int OwnSamples = 64, MostSamples = 1_000;

    const long LargestSamples = 1L << 28;

    /// <summary>The file of samples that belongs to a model's.</summary>
    public static string SamplesOf(string file) => Path.ChangeExtension(file, ".samples.npy");

    /// <summary>The sample model and those of the files that can be asked so; <paramref name="note"/> is told why others cannot.</summary>
    public static IReadOnlyDictionary<string, IntegerNetwork> Load(IReadOnlyList<(string Name, string File)> files, Action<string>? note = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        Dictionary<string, IntegerNetwork> networks = new(StringComparer.Ordinal) { [DigitModel.Name] = Digits() };
        foreach ((string name, string file) in files)
        {
            networks.Remove(name);
            // Without samples nobody meant it to be: nothing to report.
            if (!File.Exists(SamplesOf(file)))
            {
                continue;
            }
            if (TryLoad(file, out string problem) is { } network)
            {
                networks[name] = network;
            }
            else
            {
                note?.Invoke($"the model {name} is not offered for two parties: {problem}");
            }
        }
        return networks;
    }

    /// <summary>The sample model.</summary>
    public static IntegerNetwork Digits() => Calibration.Run(NetworkReader.TryRead(DigitModel.File()).Network!, DigitSamples(), Precision.Calibrated);

    /// <summary>A model with its samples; null with the reason.</summary>
    public static IntegerNetwork? TryLoad(string file, out string problem)
    {
        try
        {
            NetworkReading reading = NetworkReader.TryRead(File.ReadAllBytes(file));
            if (reading.Network is not { } floats)
            {
                problem = reading.ToString();
                return null;
            }
            if (TryReadSamples(SamplesOf(file), floats.Input.Count, out problem) is not { } samples)
            {
                return null;
            }
            IntegerNetwork network = Calibrate(floats, samples);
            // Whether it can be laid out is only known by doing it.
            _ = new Protocol.TwoPartyClient(network);
            problem = "";
            return network;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ModelException or ArgumentException)
        {
            problem = error.Message;
            return null;
        }
    }

    /// <summary>In 24 bits, or in 32 where sums do not fit.</summary>
    /// <exception cref="ModelException">They do not fit there either.</exception>
    public static IntegerNetwork Calibrate(FloatNetwork network, IReadOnlyList<float[]> samples)
    {
        try
        {
            return Calibration.Run(network, samples, Precision.Calibrated);
        }
        catch (ModelException)
        {
            return Calibration.Run(network, samples, Precision.Wide);
        }
    }

    /// <summary>Samples from a file, each with so many elements; null with the reason.</summary>
    public static IReadOnlyList<float[]>? TryReadSamples(string file, int elements, out string problem)
    {
        FileInfo info = new(file);
        if (!info.Exists || info.Length > LargestSamples)
        {
            problem = info.Exists ? $"{file} is larger than {LargestSamples >> 20} MiB" : $"there is no file of samples {file}";
            return null;
        }
        if (Npy.TryRead("samples", File.ReadAllBytes(file), out problem) is not { } tensor)
        {
            problem = $"{file} cannot be used: {problem}";
            return null;
        }
        if (tensor.Datatype != Datatype.FP32 || tensor.Shape is not [> 0, ..] || tensor.Shape[0] * elements != tensor.Data.Length / sizeof(float))
        {
            problem = $"{file} holds no FP32 inputs of this model, [n, …]";
            return null;
        }
        return [.. tensor.ToFloats().Chunk(elements).Take(MostSamples)];
    }

    /// <summary>Digits that the sample model never saw; the same ones everywhere.</summary>
    internal static IReadOnlyList<float[]> DigitSamples() => [.. Enumerable.Range(0, OwnSamples).Select(i => DigitTrainer.HeldOutPicture(i % 10, 900 + i))];
}
