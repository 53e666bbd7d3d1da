using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.LocalNetwork;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Models.Samples;
using Funion.Network;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary><c>funion model samples</c>: makes a pool of samples for verified answers, and says what is in one.</summary>
static class SamplesVerb
{
    const int Digits = 256;

    const string Certify = " --certified FOLDER";

    public static Command Create()
    {
        Argument<string> model = new("MODEL")
        {
            Description = "The promised model's ONNX file, or 'digits'; a model's name with --network for samples of your own; a file of samples, to see what is in it.",
        };
        Option<string?> certified = new("--certified") { Description = "Folder of inputs whose outputs are certified; digits are drawn without one." };
        Option<string?> labelled = new("--labelled") { Description = "Folder with a folder of inputs for each label (its name or number); digits are drawn without one." };
        Option<int> count = new("--count") { Description = "How many digits are drawn to be certified, and four times as many with labels.", DefaultValueFactory = _ => Digits };
        Option<double> noise = new("--noise") { Description = "How far an element of an input may be moved.", DefaultValueFactory = _ => DigitSamples.Noise };
        Option<double?> promised = new("--accuracy") { Description = "The accuracy that is promised, such as 0.98; default: what the labelled samples show." };
        Option<string> licence = new("--licence") { Description = "On what terms the samples may be used.", DefaultValueFactory = _ => "" };
        Option<string?> file = new("--out") { Description = "Where to write the samples." };
        Option<bool> replace = new("--replace") { Description = "Write over what --out names." };
        Option<string> mode = AskingRequest.ModeOption();
        Option<string?> network = CommonOptions.Network(), authorities = CommonOptions.Authorities();
        Option<bool> json = Invocation.JsonOption();
        Command command = new("samples", "Make samples for verified answers; keep them from providers.")
        {
            model, mode, certified, labelled, count, noise, promised, licence, file, replace, network, authorities, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            string name = parsed.GetRequiredValue(model);
            if (parsed.GetValue(file) is not { } path)
            {
                return Show(output, name);
            }
            if (parsed.GetValue(promised) is not (null or (> 0 and < 1)) || !(parsed.GetValue(noise) is >= 0 and < 1e6) || parsed.GetValue(count) is < 1 or > 4_096)
            {
                return output.Error(ExitCode.Usage, "--accuracy lies above 0 and below 1, --noise is 0 or more, --count goes up to 4096.");
            }
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
            {
                return output.Error(ExitCode.Failed, $"There is no folder {folder}.");
            }
            Request request = new(
                parsed.GetRequiredValue(mode) == AskingRequest.Plain ? SampleForm.Plain : SampleForm.TwoParty, parsed.GetValue(certified), parsed.GetValue(labelled), parsed.GetValue(count), parsed.GetValue(noise), parsed.GetValue(promised), parsed.GetValue(licence) ?? "");
            bool over = parsed.GetValue(replace);
            try
            {
                if (parsed.GetValue(network) is null)
                {
                    if (name != DigitModel.Name && !File.Exists(name))
                    {
                        return output.Error(ExitCode.Failed, $"There is no file {name}.", "MODEL is the model's ONNX file; without it, for samples of your own: --network FILE");
                    }
                    if (name != DigitModel.Name && request is { Certified: null, Labelled: null })
                    {
                        return output.Error(
                            ExitCode.Usage, "Inputs are missing: name a folder of those to certify with --certified, and one of labelled ones, if you have any, with --labelled.",
                            $"funion model samples {name}{Certify}{Mode(request.Form)} --out {path}");
                    }
                    using ModelRunner runner = ModelRunner.Load(name == DigitModel.Name ? DigitModel.File() : await File.ReadAllBytesAsync(name, cancellation));
                    return Write(output, await MakeAsync(output, runner, name, request, cancellation), path, over);
                }
                (NetworkDocument? document, int code) = await CommonOptions.OpenAsync(output, parsed.GetValue(network), parsed.GetValue(authorities), cancellation);
                return document is null ? code
                    : document.Model(name) is not { } entry ? output.Error(ExitCode.NoSuchModel, $"The network has no model '{name}'.", "see what there is with: funion models")
                    : request.Promised is null ? output.Error(ExitCode.Usage, "Say what accuracy is promised, with --accuracy.")
                    : Write(output, SamplePoolMaker.HeldOut(
                        new Bytes32(Convert.FromHexString(entry.Sha256)), request.Form, await LabelledAsync(output, request.Labelled, entry, cancellation), request.Promised.Value,
                        request.Licence), path, over);
            }
            catch (Exception error) when (error is ModelException or IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                return output.Error(ExitCode.Failed, error.Message);
            }
        });
        return command;
    }

    /// <summary>The command that makes samples of a model, as far as it is known.</summary>
    /// <param name="sha256">Of the model's file, hex; null: any.</param>
    /// <param name="form">Whose arithmetic is asked for.</param>
    public static string Making(string? sha256, SampleForm form) =>
        $"funion model samples {(sha256 == DigitsHash() ? DigitModel.Name : "MODEL.onnx" + Certify)}{Mode(form)} --out FILE";

    /// <summary>What of a file one may want to know before one uses it.</summary>
    public static JsonObject Json(SamplePool pool) => new()
    {
        ["model_sha256"] = pool.Model.ToString(), ["form"] = pool.Form == SampleForm.Plain ? "plain" : "two-party", ["certified"] = pool.Certified.Count,
        ["labelled"] = pool.Labelled.Count, ["promised_accuracy"] = pool.Promised, ["noise"] = pool.Tolerance.Noise, ["slack"] = pool.Tolerance.Slack,
        ["licence"] = pool.Licence, ["digest"] = pool.Digest.ToString(),
    };

    /// <summary>Where a network document's samples of a model lie, when whoever runs the network made any.</summary>
    public static string Beside(string document, string model, SampleForm form) => $"{document}.{model}{(form == SampleForm.Plain ? "" : ".two-party")}.samples";

    /// <summary>Makes samples of the sample model beside a network document, for both modes, unless there are some of this model.</summary>
    public static void EnsureBeside(string document, ModelRunner digits)
    {
        Ensure(Beside(document, DigitModel.Name, SampleForm.Plain), digits);
        if (digits.Sha256 == DigitsHash())
        {
            Ensure(Beside(document, DigitModel.Name, SampleForm.TwoParty), digits, () =>
                DigitSamples.Make(digits.Sha256, SampleForm.TwoParty, ExactRuns.Of(digits, DigitModel.Name), Digits, 4 * Digits));
        }
    }

    /// <summary>Makes samples of a model like the sample one, unless there are some of it.</summary>
    public static void Ensure(string path, ModelRunner digits, Func<SamplePool>? make = null)
    {
        if (SamplePool.TryLoad(path, out SamplePool? there) != SamplePoolOutcome.Read || there!.Model.ToString() != digits.Sha256)
        {
            OwnerFile.Write(path, (make?.Invoke() ?? DigitSamples.Make(digits, Digits, 4 * Digits)).ToBytes());
        }
    }

    static int Show(Output output, string path)
    {
        SamplePoolOutcome outcome = SamplePool.TryLoad(path, out SamplePool? pool);
        return pool is null ? output.Error(ExitCode.Failed, Sentence(path, outcome), $"make samples with: {Making(path == DigitModel.Name ? DigitsHash() : null, SampleForm.Plain)}") : Report(output, pool);
    }

    public static string Sentence(string path, SamplePoolOutcome outcome) => outcome switch
    {
        SamplePoolOutcome.Missing => $"There is no file {path} that can be read.",
        SamplePoolOutcome.TooLarge => $"{path} is larger than {SamplePool.MostBytes >> 20} MiB.",
        SamplePoolOutcome.NoPool => $"{path} is no file of samples.",
        _ => $"{path} is damaged.",
    };

    static string DigitsHash() => Convert.ToHexStringLower(SHA256.HashData(DigitModel.File()));

    static string Mode(SampleForm form) => form == SampleForm.Plain ? "" : " --mode two-party";

    static int Write(Output output, SamplePool pool, string path, bool over)
    {
        byte[] bytes = pool.ToBytes();
        // Samples cannot be made again: others name them by their digest, and the notes of draws are of these.
        if (!over && File.Exists(path) && !(new FileInfo(path).Length == bytes.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes)))
        {
            return output.Error(ExitCode.Failed, $"There is a file {path} already, with something else in it.", "name another with --out, or write over it with --replace");
        }
        OwnerFile.Write(path, bytes);
        return Report(output, pool);
    }

    static int Report(Output output, SamplePool pool)
    {
        string promised = pool.Labelled.Count == 0 ? "accuracy: none promised" : string.Create(CultureInfo.InvariantCulture, $"promised accuracy {pool.Promised:P2}");
        (int Certified, int Labelled)? left = HomeSamples.Unused(pool);
        output.Data(string.Create(CultureInfo.InvariantCulture,
            $"{pool.Certified.Count} certified samples, {pool.Labelled.Count} labelled ones, {promised}, noise {pool.Tolerance.Noise:G3}, slack {pool.Tolerance.Slack:G3}"));
        output.Data(left is { } unused ? $"unused: {unused.Certified} certified samples, {unused.Labelled} labelled ones" : "unused: not known, the notes of which samples were used are damaged");
        output.Data($"of model {pool.Model}");
        output.Data($"digest {pool.Digest}");
        JsonObject json = Json(pool);
        (json["unused_certified"], json["unused_labelled"]) = (left?.Certified, left?.Labelled);
        output.Data(json);
        return (int)ExitCode.Ok;
    }

    static async Task<SamplePool> MakeAsync(Output output, ModelRunner runner, string name, Request request, CancellationToken cancellation)
    {
        bool digits = name == DigitModel.Name;
        Func<byte[][], byte[][]>? exact = request.Form == SampleForm.TwoParty ? ExactRuns.Of(runner, name) : null;
        if (digits && request is { Certified: null, Labelled: null })
        {
            return exact is null
                ? DigitSamples.Make(runner, request.Count, 4 * request.Count, request.Noise)
                : DigitSamples.Make(runner.Sha256, request.Form, exact, request.Count, 4 * request.Count);
        }
        ModelEntry entry = LocalModel.Entry("samples", runner.Sha256, runner.Inputs, runner.Outputs, digits ? DigitModel.Labels : null, 30_000, [TimeSpan.FromSeconds(1)], 1);
        SampleFolders folders = new(entry);
        IReadOnlyList<IReadOnlyList<Tensor>> certified = request.Certified is null ? [] : await folders.CertifiedAsync(request.Certified, cancellation);
        IReadOnlyList<(IReadOnlyList<Tensor>, int)> labelled = request.Labelled is null ? [] : await folders.LabelledAsync(request.Labelled, cancellation);
        NoteRepeated(output, folders);
        return exact is null
            ? SamplePoolMaker.Make(runner, certified, labelled, request.Noise, request.Promised, request.Licence)
            : SamplePoolMaker.Make(runner.Sha256, request.Form, exact, certified, labelled, 0, request.Promised, request.Licence);
    }

    static async Task<IReadOnlyList<(IReadOnlyList<Tensor> Input, int Label)>> LabelledAsync(Output output, string? folder, ModelEntry entry, CancellationToken cancellation)
    {
        SampleFolders folders = new(entry);
        IReadOnlyList<(IReadOnlyList<Tensor> Input, int Label)> labelled = await folders.LabelledAsync(folder, cancellation);
        NoteRepeated(output, folders);
        return labelled;
    }

    static void NoteRepeated(Output output, SampleFolders folders)
    {
        if (folders.Repeated > 0)
        {
            output.Note($"inputs that are there more than once, or in both folders, count once: {folders.Repeated} left out");
        }
    }

    sealed record Request(SampleForm Form, string? Certified, string? Labelled, int Count, double Noise, double? Promised, string Licence);
}
