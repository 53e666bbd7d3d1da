using System.Diagnostics;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Client;
using Funion.Network;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary>
/// One round, as <see cref="Steps"/>, between any two of which the process may die: samples are drawn before they are used, attempts and providers noted before anything is
/// asked, and what waits is let go of only when its owner was told.
/// </summary>
/// <param name="output">Where it is said.</param>
/// <param name="way">Not open yet.</param>
/// <param name="bucket">For all runs.</param>
/// <param name="options">What was asked for.</param>
/// <param name="samples">What is drawn from.</param>
/// <param name="pending">What waits, whose turn this process has; null: only what is asked now is checked.</param>
/// <param name="fresh">Asked now.</param>
sealed class VerifiedRound(
    Output output, WayOfAsking way, TimeSpan bucket, VerifyOptions options, HomeSamples samples, HomePending? pending, IReadOnlyList<PendingQuery> fresh)
{
    readonly Bytes32 _model = new(Convert.FromHexString(way.Model.Sha256));
    readonly Tolerance _tolerance = samples.Tolerance;
    PendingQuery[] _settled = [], _open = [], _unasked = [];
    IReadOnlyList<ModelEntry> _providers = [];
    VerificationPlan _plan = null!;
    SampleDraw _draw = null!;
    VerifiedAnswer _round = null!;
    FunionException? _trouble;
    double _promised;
    TimeSpan _took;
    bool _noted = true;
    int? _stopped;
    int _code;

    /// <summary>What a round does, in order: each leaves at most one change on the disk behind, and gives an exit code when the round ends with it.</summary>
    public IReadOnlyList<Func<CancellationToken, Task<int?>>> Steps => [ReadAsync, OpenAsync, DrawAsync, NoteAttemptAsync, NoteProvidersAsync, AskAsync, RecordAsync, SettleAsync, ReportAsync, LetGoAsync];

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        foreach (Func<CancellationToken, Task<int?>> step in Steps)
        {
            if (await step(cancellation) is { } code)
            {
                return code;
            }
        }
        return _code;
    }

    /// <summary>Where what keeps the round from being asked is said: data come later, if an earlier process left some.</summary>
    Output Early => _settled.Length > 0 ? output.Aside() : output;

    /// <summary>The round cannot be asked: it ends, unless an earlier process left something to say.</summary>
    int? Stop(int code)
    {
        if (_settled.Length == 0)
        {
            return code;
        }
        (_stopped, _unasked, _open) = (code, _open, []);
        return null;
    }

    int All => _plan.Runs + _draw.Labelled.Count;

    async Task<int?> ReadAsync(CancellationToken cancellation)
    {
        IReadOnlyList<PendingQuery>? waiting = pending is null ? [] : await pending.ReadAsync(cancellation);
        if (waiting is null)
        {
            return (int)ExitCode.Failed;
        }
        // What a process that died did not say any more.
        _settled = [.. waiting.Where(query => query.State != PendingState.Open)];
        PendingQuery[] open = [.. waiting.Where(query => query.State == PendingState.Open)];
        foreach (PendingQuery odd in open.Where(query => !samples.Fits(query.Input)))
        {
            output.Note($"{VerifiedReport.Shown(odd.Name)} has another shape than the samples, and goes on waiting");
        }
        // What is named again waits already, if a process died that had it: its attempts are counted on.
        open = [.. open.Where(query => samples.Fits(query.Input))];
        _open = [.. open, .. fresh.Where(query => !open.Any(one => one.Name == query.Name && one.Input.Span.SequenceEqual(query.Input.Span)))];
        if (_open.Length > VerificationPlan.MostQueries)
        {
            return output.Error(ExitCode.Failed, $"A round takes up to {VerificationPlan.MostQueries} questions, and {_open.Length} are there.");
        }
        // Whatever ends the round from here on, it is one value.
        output.Partial = VerifiedReport.Of(way.Model, [], [], _open, single: false, null, _tolerance);
        if (_open.Length + _settled.Length == 0)
        {
            output.Note("nothing waits to be checked in this mode; all that waits: funion pending");
            output.Data(output.Partial);
            return (int)ExitCode.Ok;
        }
        return null;
    }

    async Task<int?> OpenAsync(CancellationToken cancellation)
    {
        if (_open.Length == 0)
        {
            return null;
        }
        _plan = VerificationPlan.For(_open.Length, options.Lambda);
        (LedgerOutcome outcome, IReadOnlyList<ProviderRecord> records) = await HomeLedger.ReadAsync(cancellation);
        if (outcome != LedgerOutcome.Done)
        {
            return Stop(HomeLedger.Error(Early, outcome));
        }
        ModelEntry[] all = [.. (options.Spread ? way.SameModel : [way.Model]).DistinctBy(provider => provider.Compute)];
        _providers = [.. all.Where(provider => !records.Any(record => HomeLedger.Speaks(record, provider)))];
        if (_providers.Count == 0)
        {
            return Stop(HomeLedger.NotAsked(Early, way.Model));
        }
        if (options.Spread)
        {
            output.Note($"spread over {_providers.Count} of {all.Length} providers of this model{(way.HidesInputs ? "" : ", each of which reads the questions")}");
        }
        try
        {
            await way.OpenAsync(bucket, cancellation);
            return null;
        }
        catch (FunionException error) when (_settled.Length > 0)
        {
            return Stop(Early.Error(ClientErrors.CodeOf(error.Error), error.Message, ClientErrors.HintOf(error.Error)));
        }
    }

    async Task<int?> DrawAsync(CancellationToken cancellation)
    {
        if (_open.Length == 0)
        {
            return null;
        }
        (SampleDraw? draw, _promised, int code) = await samples.DrawAsync(Early, _plan.Samples, options.Labelled, cancellation);
        _draw = draw!;
        return draw is null ? Stop(code) : null;
    }

    async Task<int?> NoteAttemptAsync(CancellationToken cancellation) =>
        _open.Length == 0 || pending is null || await pending.BeginAsync(_open, Early, cancellation) is not null ? null : Stop((int)ExitCode.Failed);

    async Task<int?> NoteProvidersAsync(CancellationToken cancellation)
    {
        LedgerOutcome outcome = _open.Length == 0
            ? LedgerOutcome.Done
            : await HomeLedger.ChangeAsync(ledger => ledger.TryBegin(_model, [.. _providers.Select(ProviderOf)]), cancellation);
        return outcome == LedgerOutcome.Done ? null : Stop(HomeLedger.Error(Early, outcome));
    }

    async Task<int?> AskAsync(CancellationToken cancellation)
    {
        if (_open.Length == 0)
        {
            return null;
        }
        VerifiedQuestion question = new()
        {
            Plan = _plan, Queries = [.. _open.Select(query => query.Input)], Integrity = _draw.Certified, Accuracy = _draw.Labelled,
            AccuracyBar = _draw.Labelled.Count == 0 ? 0 : AccuracyBar.For(_draw.Labelled.Count, _promised), LabelOf = Labels.Of,
            Earlier = [.. _open.Select(query => query.Answer)], Providers = _providers.Count, Tolerance = _tolerance,
        };
        long began = Stopwatch.GetTimestamp();
        output.Note($"{All} runs: {_plan.Copies} copies of each of {_open.Length}, {_plan.Samples} certified samples, {_draw.Labelled.Count} labelled ones, in a secret order");
        if (!way.HidesInputs && _tolerance.Noise == 0)
        {
            output.Note("these samples state no noise that the model bears: copies of a question are equal, and whoever reads them sees that");
        }
        way.Announce(All);
        using ProgressLine line = new(output);
        VerifiedRuns runs = new(way, _providers, done => line.Show(new ClientProgress("runs", done, All)));
        _round = await MixAndCheck.RunAsync(question, runs.AskAsync, cancellation);
        _trouble = runs.Trouble;
        _took = Stopwatch.GetElapsedTime(began);
        return null;
    }

    async Task<int?> RecordAsync(CancellationToken cancellation)
    {
        if (_open.Length > 0)
        {
            LedgerOutcome kept = await HomeLedger.ChangeAsync(
                ledger => ledger.TryRecord(_model, [.. _providers.Select((provider, i) => (ProviderOf(provider), _round.Evidence[i]))], _round.Outputs is null, _promised), cancellation);
            if (kept != LedgerOutcome.Done)
            {
                output.Note($"what this round showed of its providers is not noted: the ledger is {kept}");
            }
            _open = [.. _open.Select((query, i) => query with
            {
                State = _round.Outputs is not null ? PendingState.Confirmed : _round.Contradicted ? PendingState.Refused : PendingState.Open,
                Answer = _round.Outputs is { } outputs ? outputs[i] : _round.Contradicted ? default : query.Answer, Attempts = query.Attempts + 1,
            })];
        }
        return null;
    }

    async Task<int?> SettleAsync(CancellationToken cancellation)
    {
        _noted = _open.Length == 0 || pending is null || await pending.SettleAsync(_open, cancellation) is not null;
        return null;
    }

    async Task<int?> ReportAsync(CancellationToken cancellation)
    {
        PendingQuery[] all = [.. _settled, .. _open], confirmed = Those(PendingState.Confirmed), refused = Those(PendingState.Refused), incomplete = [.. _unasked, .. Those(PendingState.Open)];
        bool single = pending is null && all.Length == 1, isSound = _open.Length > 0 && _round.Outputs is not null;
        int attempts = _open.Select(query => query.Attempts).DefaultIfEmpty().Max(), lost = _open.Length == 0 ? 0 : _round.Evidence.Sum(evidence => evidence.Unanswered);
        JsonObject? verified = null;
        if (isSound)
        {
            verified = VerifiedReport.Json(_plan, _round, way.HidesInputs, attempts, _tolerance);
            verified["seconds"] = Math.Round(_took.TotalSeconds, 3);
            verified["providers"] = _providers.Count;
            way.Describe(verified);
        }
        JsonObject result = VerifiedReport.Of(way.Model, confirmed, refused, incomplete, single, verified, _tolerance);
        foreach (PendingQuery query in confirmed)
        {
            output.Data(single ? VerifiedReport.Line(way.Model, query.Answer) : $"{VerifiedReport.Shown(query.Name)}\t{VerifiedReport.Line(way.Model, query.Answer)}");
            if (VerifiedReport.Doubt(query.Answer, _tolerance) is { } margin)
            {
                output.Note(FormattableString.Invariant($"uncertain: the label of {VerifiedReport.Shown(query.Name)} leads by {margin:G3}, and scores may be off by {_tolerance.MostError:G3} unnoticed"));
            }
        }
        foreach (PendingQuery query in refused)
        {
            output.Note($"not confirmed: {VerifiedReport.Shown(query.Name)}");
        }
        if (isSound)
        {
            VerifiedReport.Explain(output, _plan, way.HidesInputs, attempts, _tolerance);
        }
        else if (lost > 0)
        {
            output.Note($"{lost} of {All} runs had no answer, which may be the network's fault");
        }
        if (refused.Length > 0)
        {
            _code = output.Error(
                ExitCode.VerificationFailed, "Verification failed: all answers of the round are discarded, and earlier ones to the same questions are worth nothing.",
                pending is null ? "what is known of who answered: funion providers" : "what is known of who answered: funion providers; the questions wait to be asked anew: funion pending", result);
        }
        else if (_stopped is { } stopped)
        {
            _code = output.Error((ExitCode)stopped, "No round was asked; what waits goes on waiting.", "why not is said above", result);
        }
        else if (incomplete.Length > 0)
        {
            _code = output.Error(
                _trouble is null ? ExitCode.Failed : ClientErrors.CodeOf(_trouble.Error), $"No verdict: {_trouble?.Message ?? "answers are missing."}",
                pending is null ? (_trouble is null ? null : ClientErrors.HintOf(_trouble.Error)) ?? "ask again" : attempts > 2 ? "earlier answers to what waits are still unconfirmed, after several rounds: do not rely on them" : "the questions wait as before: check them again later",
                result);
        }
        else
        {
            output.Data(result);
            _code = (int)(_noted ? ExitCode.Ok : ExitCode.Failed);
        }
        return null;

        PendingQuery[] Those(PendingState state) => [.. all.Where(query => query.State == state)];
    }

    async Task<int?> LetGoAsync(CancellationToken cancellation)
    {
        if (pending is not null)
        {
            await pending.ReportedAsync([.. _settled, .. _open], cancellation);
        }
        if (_open.Length > 0)
        {
            await way.FinishAsync(cancellation);
        }
        return null;
    }

    static Bytes32 ProviderOf(ModelEntry provider) => new(provider.Compute.AsSpan());
}
