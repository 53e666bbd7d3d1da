using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Mixing;
using Funion.Network;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary>Samples of a model where <c>infer --verify</c> finds them, and draws from them: the user's own first, others only when those are too few.</summary>
/// <param name="Pools">Of this model and form, each once, the user's own first; at least one with certified samples.</param>
sealed record HomeSamples(IReadOnlyList<HomePool> Pools)
{
    static string Folder => Path.Combine(FunionHome.Path, "samples");

    IReadOnlyList<HomePool> Certifying => [.. Pools.Where(pool => pool.Pool.Certified.Count > 0)];

    /// <summary>
    /// Inputs are moved by as little as any of the user's own pools states, or any at all where there is none: for so little, what each of them says of answers holds. Copies
    /// may differ by as little as any of these says. A sample has the slack of its own pool.
    /// </summary>
    public Tolerance Tolerance
    {
        get
        {
            HomePool[] leading = [.. Certifying.Where(pool => pool.Own == Certifying[0].Own)];
            return new(leading.Min(pool => pool.Pool.Tolerance.Noise), leading.Min(pool => pool.Pool.Tolerance.Slack));
        }
    }

    /// <summary>The samples, or the exit code of the error that was printed.</summary>
    public static (HomeSamples? Samples, int Code) Find(Output output, ModelEntry model, SampleForm form, IReadOnlyList<string> named, string? network)
    {
        List<HomePool> pools = [];
        foreach (string file in named)
        {
            SamplePoolOutcome outcome = SamplePool.TryLoad(file, out SamplePool? pool);
            if (pool is null || !Is(pool))
            {
                return (null, output.Error(
                    ExitCode.Failed, pool is null ? SamplesVerb.Sentence(file, outcome) : $"{file} has samples {Other(pool)}.",
                    pool is null ? null : $"get others from the model's owner, or make them with: {SamplesVerb.Making(model.Sha256, form)}"));
            }
            if (pool.IsLoose)
            {
                return (null, output.Error(
                    ExitCode.Failed, FormattableString.Invariant($"{file} states a slack of {pool.Tolerance.Slack:G3}: most of its own labels could be changed unnoticed."),
                    "take samples whose inputs are moved by less noise, so that answers move by less"));
            }
            pools.Add(new HomePool(file, pool.Digest, pool, Own: true));
        }
        // Samples of one's own that are held out are labelled only: then certified ones are looked for where they lie.
        bool isWhole = named.Count > 0 && pools.Any(pool => pool.Pool.Certified.Count > 0);
        string[] kept = Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.samples") : [];
        foreach (string file in isWhole ? [] : (string[])[.. kept.Order(StringComparer.Ordinal), Beside()])
        {
            SamplePoolOutcome outcome = SamplePool.TryLoad(file, out SamplePool? pool);
            if (pool is not null && Is(pool) && pool.IsLoose)
            {
                output.Note(FormattableString.Invariant($"{file} states a slack of {pool.Tolerance.Slack:G3}, with which most of its own labels could be changed unnoticed, and is left out"));
            }
            else if (pool is not null && Is(pool) && (named.Count == 0 || pool.Certified.Count > 0))
            {
                pools.Add(new HomePool(file, pool.Digest, named.Count == 0 ? pool : pool with { Labelled = [], Promised = 0 }, file != Beside()));
            }
            else if (outcome is SamplePoolOutcome.Damaged or SamplePoolOutcome.Malformed)
            {
                output.Note($"{file} is damaged, and left out");
            }
        }
        // Those that were named first say what inputs look like.
        foreach (HomePool other in pools.Where(pool => !pools[0].Pool.Fits(InputOf(pool.Pool))).ToArray())
        {
            output.Note($"{other.File} has inputs of another shape than {pools[0].File}, and is left out");
            pools.Remove(other);
        }
        if (pools.All(pool => pool.Pool.Certified.Count == 0))
        {
            return (null, output.Error(
                ExitCode.Failed, $"There are no certified samples of the model '{model.Name}' for this mode.",
                $"get them from the model's owner, or make them with: {SamplesVerb.Making(model.Sha256, form)}, and name them with --samples"));
        }
        return (new HomeSamples([.. pools.DistinctBy(pool => pool.Digest)]), 0);

        bool Is(SamplePool pool) => pool.Model.ToString() == model.Sha256 && pool.Form == form;

        // What differs: a hash for people is as long as it takes to see that.
        string Other(SamplePool pool) => pool.Model.ToString() != model.Sha256
            ? $"of another model: of {pool.Model.ToString()[..12]}, where '{model.Name}' is {model.Sha256[..12]}"
            : $"for {Modes(pool.Form)}, where the question is asked in {Modes(form)}";

        string Beside() => SamplesVerb.Beside(network ?? UpCommand.DefaultDocument, model.Name, form);
    }

    /// <summary>Whether an input has the shape of the samples: others would be known from them.</summary>
    public bool Fits(ReadOnlyMemory<byte> input) => Pools[0].Pool.Fits(input);

    /// <summary>Draws, for good, and says from what; null when the exit code is that of the error that was printed.</summary>
    /// <returns>Besides, the accuracy that the labelled ones promise; 0: there are none.</returns>
    public async Task<(SampleDraw? Draw, double Promised, int Code)> DrawAsync(Output output, int certified, int labelled, CancellationToken cancellation)
    {
        SampleDraws draws = new(Path.Combine(Folder, "drawn"));
        // What a pool says of answers says nothing of more noise than it states.
        IReadOnlyList<HomePool> usable = [.. Certifying.Where(pool => pool.Pool.Tolerance.Noise >= Tolerance.Noise)], certifying = [.. usable.Where(pool => pool.Own)];
        if (certifying.Count < usable.Count && (Left(draws, certifying)?.Certified ?? 0) < certified)
        {
            certifying = usable;
            output.Note("certified samples that lie beside the network document are drawn, which whoever runs the network may know: better are some from the model's owner");
        }
        // Of one promise, so that none is loosened by another: the user's own, then the highest.
        IReadOnlyList<HomePool>[] promises =
        [
            .. Pools.Where(pool => pool.Pool.Labelled.Count > 0).GroupBy(pool => (pool.Own, pool.Pool.Promised)).OrderByDescending(group => group.Key).Select(group => group.ToArray()),
        ];
        int Known(IReadOnlyList<HomePool> pools) => Math.Min(labelled, Left(draws, pools)?.Labelled ?? 0);
        IReadOnlyList<HomePool> labelling = labelled == 0 ? [] : promises.MaxBy(Known) ?? [];
        if (Known(labelling) is var left && left < labelled)
        {
            output.Note($"{left} labelled samples are left of {labelled} that were asked for");
            labelled = left;
        }
        foreach (HomePool pool in certifying.Concat(labelled > 0 ? labelling : []).Distinct())
        {
            output.Note($"samples of {pool.File}, digest {pool.Digest}");
        }
        SampleDraw? draw = null;
        DrawOutcome outcome = await Patience.WhileBusyAsync(
            () => draws.TryDraw([.. certifying.Select(pool => pool.Pool)], certified, [.. labelling.Select(pool => pool.Pool)], labelled, RandomSource.System, out draw),
            DrawOutcome.Busy, cancellation);
        return draw is not null ? (draw, labelled == 0 ? 0 : labelling[0].Pool.Promised, 0) : (null, 0, outcome switch
        {
            DrawOutcome.TooFew => output.Error(
                ExitCode.Failed, TooFew(certified, labelled, Left(draws, certifying)?.Certified ?? 0),
                $"get more from the model's owner, or make them with: {SamplesVerb.Making(Pools[0].Pool.Model.ToString(), Pools[0].Pool.Form)}"),
            DrawOutcome.Damaged => output.Error(
                ExitCode.Failed, $"The notes of which samples were used are damaged, or others may write them: {Folder}/drawn.", "make new samples, and delete the old ones with their notes"),
            DrawOutcome.Busy => output.Error(ExitCode.Failed, "Another funion draws samples.", "try again"),
            _ => output.Error(ExitCode.Failed, $"The notes of which samples were used cannot be written: {Folder}/drawn."),
        });
    }

    /// <summary>How many of a pool's samples this user never used; null when that is not known.</summary>
    public static (int Certified, int Labelled)? Unused(SamplePool pool)
    {
        try
        {
            return new SampleDraws(Path.Combine(Folder, "drawn")).Left([pool]);
        }
        catch (IOException)
        {
            // There is no folder for settings.
            return null;
        }
    }

    static string Modes(SampleForm form) => form == SampleForm.Plain ? "the plain mode" : "the two-party and enclave modes";

    // Pools of others may have one sample in both sets, or several have it: then it is one.
    static string TooFew(int certified, int labelled, int left) => left < certified
        ? $"A round takes {certified} certified samples, and {left} are left that were never used."
        : $"A round takes {certified} certified samples and {labelled} labelled ones, and fewer are left that were never used and lie in one of these sets only.";

    static (int Certified, int Labelled)? Left(SampleDraws draws, IReadOnlyList<HomePool> pools) => draws.Left([.. pools.Select(pool => pool.Pool)]);

    static ReadOnlyMemory<byte> InputOf(SamplePool pool) => pool.Certified.Count > 0 ? pool.Certified[0].Input : pool.Labelled[0].Input;
}
