using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Mixing;
using Funion.Network;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary>Samples of a model where <c>infer --verify</c> finds them, and draws from them.</summary>
/// <param name="Pools">Of this model and form, each once; at least one with certified samples.</param>
sealed record HomeSamples(IReadOnlyList<SamplePool> Pools)
{
    static string Folder => Path.Combine(FunionHome.Path, "samples");

    /// <summary>Inputs are moved by as little as any pool states, and answers may differ by as much as any does.</summary>
    public Tolerance Tolerance => new(Certifying.Min(pool => pool.Tolerance.Noise), Certifying.Max(pool => pool.Tolerance.Slack));

    /// <summary>The accuracy that all promise; 0: there are no labelled samples.</summary>
    public double Promised => Pools.Where(pool => pool.Labelled.Count > 0).Select(pool => pool.Promised).DefaultIfEmpty().Min();

    /// <summary>Bytes of every input.</summary>
    public int InputSize => SizeOf(Certifying.First());

    IEnumerable<SamplePool> Certifying => Pools.Where(pool => pool.Certified.Count > 0);

    /// <summary>The samples, or the exit code of the error that was printed.</summary>
    public static (HomeSamples? Samples, int Code) Find(Output output, ModelEntry model, SampleForm form, IReadOnlyList<string> named, string? network)
    {
        string[] files = named.Count > 0 ? [.. named]
            :
            [
                SamplesVerb.Beside(network ?? UpCommand.DefaultDocument, model.Name, form),
                .. Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.samples") : [],
            ];
        List<SamplePool> pools = [];
        foreach (string file in files)
        {
            SamplePoolOutcome outcome = SamplePool.TryLoad(file, out SamplePool? pool);
            if (pool is not null && pool.Model.ToString() == model.Sha256 && pool.Form == form)
            {
                pools.Add(pool);
            }
            else if (named.Count > 0)
            {
                return (null, output.Error(ExitCode.Failed, pool is null ? SamplesVerb.Sentence(file, outcome) : $"{file} has samples of another model, or of another mode."));
            }
            else if (outcome is SamplePoolOutcome.Damaged or SamplePoolOutcome.Malformed)
            {
                output.Note($"{file} is damaged, and left out");
            }
        }
        int? size = pools.Find(pool => pool.Certified.Count > 0) is { } first ? SizeOf(first) : null;
        HomeSamples samples = new([.. pools.Where(pool => SizeOf(pool) == size).DistinctBy(pool => pool.Digest)]);
        return samples.Certifying.Any() ? (samples, 0) : (null, output.Error(
            ExitCode.Failed, $"There are no certified samples of the model '{model.Name}' for this mode.",
            "get them from the model's owner, or make them with: funion model samples MODEL --out FILE, and name them with --samples"));
    }

    static int SizeOf(SamplePool pool) => pool.Certified.Count > 0 ? pool.Certified[0].Input.Length : pool.Labelled[0].Input.Length;

    /// <summary>Draws, for good; null when the exit code is that of the error that was printed.</summary>
    public async Task<(SampleDraw? Draw, int Code)> DrawAsync(Output output, int certified, int labelled, CancellationToken cancellation)
    {
        SampleDraws draws = new(Path.Combine(Folder, "drawn"));
        int left = Pools.Sum(pool => draws.Left(pool)?.Labelled ?? 0);
        if (left < labelled)
        {
            output.Note($"{left} labelled samples are left of {labelled} that were asked for");
            labelled = left;
        }
        SampleDraw? draw = null;
        DrawOutcome outcome = await Patience.WhileBusyAsync(() => draws.TryDraw(Pools, certified, labelled, RandomSource.System, out draw), DrawOutcome.Busy, cancellation);
        return draw is not null ? (draw, 0) : (null, outcome switch
        {
            DrawOutcome.TooFew => output.Error(
                ExitCode.Failed, $"A round takes {certified} certified samples, and fewer are left that were never used.", "make or get more: funion model samples MODEL --out FILE"),
            DrawOutcome.Damaged => output.Error(
                ExitCode.Failed, $"The notes of which samples were used are damaged, or others may write them: {Folder}/drawn.", "make new samples, and delete the old ones with their notes"),
            DrawOutcome.Busy => output.Error(ExitCode.Failed, "Another funion draws samples.", "try again"),
            _ => output.Error(ExitCode.Failed, $"The notes of which samples were used cannot be written: {Folder}/drawn."),
        });
    }
}
