using System.Diagnostics;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Client;
using Funion.Inference;
using Funion.Network;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary><c>funion infer MODEL INPUT… --verify λ</c>: a round of mix-and-check over any way of asking.</summary>
static class VerifiedInfer
{
    /// <summary>What one run takes at the default rate, for the default of --timeout.</summary>
    static readonly TimeSpan s_run = TimeSpan.FromSeconds(30);

    /// <summary>How many runs take as long as one after the other; the others are under way at the same time.</summary>
    const int Abreast = 4;

    /// <summary>How long a round may take when nobody says, from what one question may take.</summary>
    public static TimeSpan Patience(VerifyOptions options, int inputs, TimeSpan one = default)
    {
        TimeSpan least = one > TimeSpan.FromMinutes(5) ? one : TimeSpan.FromMinutes(5);
        if (options.Later)
        {
            return least;
        }
        int runs = VerificationPlan.For(Math.Clamp(inputs, options.Pending ? 64 : 1, VerificationPlan.MostQueries), options.Lambda).Runs + options.Labelled;
        return least + (runs * (one / Abreast > s_run ? one / Abreast : s_run));
    }

    public static async Task<int> RunAsync(AskingRequest request, VerifyOptions options, IReadOnlyList<string> inputs, string? bucketText, CancellationToken cancellation)
    {
        (WayOfAsking? chosen, int code) = await WaysOfAsking.ChooseAsync(request, cancellation);
        if (chosen is null)
        {
            return code;
        }
        await using WayOfAsking way = chosen;
        List<PendingQuery> fresh = [];
        TimeSpan bucket = TimeSpan.FromMilliseconds(way.Model.BucketsMilliseconds.DefaultIfEmpty().Min());
        foreach (string input in inputs)
        {
            (Question? question, code) = await Question.ReadAsync(request.Output, way, input, bucketText, cancellation);
            if (question is null)
            {
                return code;
            }
            bucket = question.Bucket;
            fresh.Add(PendingQueries.New(Path.GetFileName(input), TensorCodec.Encode(question.Tensors)));
        }
        SampleForm form = way.HidesInputs ? SampleForm.TwoParty : SampleForm.Plain;
        (HomeSamples? samples, code) = HomeSamples.Find(request.Output, way.Model, form, options.Pools, request.Network);
        if (samples is null)
        {
            return code;
        }
        HomePending pending = new(request.Output, new Bytes32(Convert.FromHexString(way.Model.Sha256)), form);
        if (options.Later)
        {
            // A substitute that was found is not asked any more, whoever checks what.
            (IReadOnlyList<ModelEntry>? left, code) = await ProvidersAsync(request.Output, way, cancellation);
            if (left is null || left.All(provider => provider.Compute != way.Model.Compute))
            {
                return left is null ? code : request.Output.Error(
                    ExitCode.VerificationFailed, "What this provider runs was found to be another model than the promised one.", "see: funion providers");
            }
            await way.OpenAsync(bucket, cancellation);
            code = await LaterAsync(request.Output, way, samples, pending, fresh[0], cancellation);
        }
        else
        {
            using IDisposable? round = options.Pending ? pending.Store.TryBeginRound() : null;
            if (options.Pending && round is null)
            {
                return request.Output.Error(ExitCode.Failed, "Another funion checks what waits.", "try again when it is done");
            }
            IReadOnlyList<PendingQuery>? waiting = options.Pending ? await pending.ReadAsync(cancellation) : [];
            if (waiting is null)
            {
                return (int)ExitCode.Failed;
            }
            code = await CheckAsync(request.Output, way, bucket, options, samples, options.Pending ? pending : null, waiting, fresh, cancellation);
        }
        return code;
    }

    /// <summary>One run, unverified, and a note of it that outlives the process from before the run on.</summary>
    static async Task<int> LaterAsync(
        Output output, WayOfAsking way, HomeSamples samples, HomePending pending, PendingQuery query, CancellationToken cancellation)
    {
        if (await pending.ChangeAsync(there => [.. there, query], cancellation) is null)
        {
            return (int)ExitCode.Failed;
        }
        VerifiedRuns runs = new(way, [way.Model], _ => { });
        ReadOnlyMemory<byte>? answer = await runs.AskAsync(0, samples.Tolerance.Disguise(query.Input, Funion.Mixing.RandomSource.System), cancellation);
        if (answer is null)
        {
            return runs.Trouble is { } trouble ? throw trouble : output.Error(ExitCode.Failed, "No answer came; the question waits to be checked all the same.");
        }
        IReadOnlyList<PendingQuery>? now = await pending.ChangeAsync(
            there => [.. there.Select(one => one.Id == query.Id ? one with { Answer = answer.Value } : one)], cancellation);
        JsonObject json = VerifiedReport.Answer(way.Model, answer.Value);
        json["verified"] = false;
        json["pending"] = now?.Count(one => one.State == PendingState.Open);
        output.Data(json);
        output.Data(VerifiedReport.Line(way.Model, answer.Value));
        output.Note($"not verified yet: {json["pending"]} wait; check them together with: funion infer {way.Model.Name} --verify LAMBDA --pending");
        await way.FinishAsync(cancellation);
        return now is null ? (int)ExitCode.Failed : (int)ExitCode.Ok;
    }

    static async Task<int> CheckAsync(
        Output output, WayOfAsking way, TimeSpan bucket, VerifyOptions options, HomeSamples samples, HomePending? pending, IReadOnlyList<PendingQuery> waiting,
        List<PendingQuery> fresh, CancellationToken cancellation)
    {
        // What a process that died did not say any more.
        PendingQuery[] settled = [.. waiting.Where(query => query.State != PendingState.Open)];
        PendingQuery[] open = [.. waiting.Where(query => query.State == PendingState.Open), .. fresh];
        if (open.Length == 0 && settled.Length == 0)
        {
            return output.Error(ExitCode.Usage, "There is nothing to check.", "name an input, or leave some to be checked with --later");
        }
        if (open.Length > VerificationPlan.MostQueries || open.Any(query => query.Input.Length != samples.InputSize))
        {
            return output.Error(ExitCode.Failed, $"A round takes up to {VerificationPlan.MostQueries} questions, of the size of the samples: others would be known from them.");
        }
        if (open.Length == 0)
        {
            return await ReportAsync(output, way.Model, pending, settled, null, cancellation);
        }
        VerificationPlan plan = VerificationPlan.For(open.Length, options.Lambda);
        (IReadOnlyList<ModelEntry>? providers, int code) = await ProvidersAsync(output, way, cancellation);
        if (providers is null)
        {
            return code;
        }
        await way.OpenAsync(bucket, cancellation);
        (SampleDraw? draw, code) = await samples.DrawAsync(output, plan.Samples, options.Labelled, cancellation);
        if (draw is null || (pending is not null && await pending.BeginAsync(open, cancellation) is null))
        {
            return draw is null ? code : (int)ExitCode.Failed;
        }
        VerifiedQuestion question = new()
        {
            Plan = plan, Queries = [.. open.Select(query => query.Input)], Integrity = draw.Certified, Accuracy = draw.Labelled,
            AccuracyBar = draw.Labelled.Count == 0 ? 0 : AccuracyBar.For(draw.Labelled.Count, samples.Promised), LabelOf = Labels.Of,
            Earlier = [.. open.Select(query => query.Answer)], Providers = providers.Count, Tolerance = samples.Tolerance,
        };
        long began = Stopwatch.GetTimestamp();
        int all = plan.Runs + draw.Labelled.Count;
        output.Note($"{all} runs: {plan.Copies} copies of each of {open.Length}, {plan.Samples} certified samples, {draw.Labelled.Count} labelled ones, in a secret order");
        VerifiedAnswer round;
        VerifiedRuns runs;
        using (ProgressLine line = new(output))
        {
            runs = new VerifiedRuns(way, providers, done => line.Show(new ClientProgress("runs", done, all)));
            round = await MixAndCheck.RunAsync(question, runs.AskAsync, cancellation);
        }
        if (round.Outputs is null && runs.Trouble is { } trouble)
        {
            throw trouble;
        }
        bool sound = round.Outputs is not null;
        LedgerOutcome kept = await HomeLedger.RecordAsync(
            new Bytes32(Convert.FromHexString(way.Model.Sha256)),
            [.. providers.Select((provider, i) => (new Bytes32(provider.Compute.AsSpan()), round.Evidence[i]))], !sound, samples.Promised, cancellation);
        if (kept != LedgerOutcome.Done)
        {
            output.Note($"what this round showed of its providers is not noted: the ledger is {kept}");
        }
        PendingQuery[] judged = [.. open.Select((query, i) => query with
        {
            State = sound ? PendingState.Confirmed : round.Contradicted || pending is null ? PendingState.Refused : PendingState.Open,
            Answer = sound ? round.Outputs![i] : round.Contradicted ? default : query.Answer, Attempts = query.Attempts + 1,
        })];
        // Answers that are right are said even if it cannot be noted that they were.
        bool noted = pending is null || await pending.SettleAsync(judged, cancellation) is not null;
        int lost = round.Evidence.Sum(evidence => evidence.Unanswered);
        if (judged[0].State == PendingState.Open)
        {
            await way.FinishAsync(cancellation);
            return output.Error(
                ExitCode.Failed, $"No verdict: {lost} of {all} runs had no answer, which may be the network's fault; the questions wait as before.",
                judged.Any(query => query.Attempts > 2) ? "earlier answers to them are still unconfirmed, after several rounds: do not rely on them" : "check them again later");
        }
        int attempts = judged.Max(query => query.Attempts);
        JsonObject verified = VerifiedReport.Json(plan, round, way.HidesInputs, attempts, samples.Tolerance);
        verified["seconds"] = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 3);
        verified["providers"] = providers.Count;
        way.Describe(verified);
        code = await ReportAsync(output, way.Model, pending, [.. settled, .. judged], verified, cancellation);
        if (sound)
        {
            VerifiedReport.Explain(output, plan, way.HidesInputs, attempts, samples.Tolerance);
        }
        else if (lost > 0)
        {
            output.Note($"{lost} of {all} runs had no answer, which may be the network's fault");
        }
        await way.FinishAsync(cancellation);
        return code == (int)ExitCode.Ok && !noted ? (int)ExitCode.Failed : code;
    }

    /// <summary>The providers of the model without those whose model was found to be another one; null when none is left, or what is known of them is lost.</summary>
    static async Task<(IReadOnlyList<ModelEntry>? Providers, int Code)> ProvidersAsync(Output output, WayOfAsking way, CancellationToken cancellation)
    {
        (LedgerOutcome outcome, IReadOnlyList<ProviderRecord> records) = await HomeLedger.ReadAsync(cancellation);
        if (outcome != LedgerOutcome.Done)
        {
            return (null, HomeLedger.Error(output, outcome));
        }
        ModelEntry[] left = [.. way.SameModel.Where(provider => !records.Any(record => record.Verdict == AccuracyVerdict.Substitute
            && record.Model.ToString() == provider.Sha256 && record.Provider == new Bytes32(provider.Compute.AsSpan())))];
        return left.Length > 0 ? (left, 0) : (null, output.Error(
            ExitCode.VerificationFailed, "What this provider runs was found to be another model than the promised one.", "see: funion providers"));
    }

    /// <summary>Says what became of queries, then forgets those that waited.</summary>
    static async Task<int> ReportAsync(
        Output output, ModelEntry model, HomePending? pending, IReadOnlyList<PendingQuery> settled, JsonObject? verified, CancellationToken cancellation)
    {
        PendingQuery[] refused = [.. settled.Where(query => query.State == PendingState.Refused)], confirmed = [.. settled.Where(query => query.State == PendingState.Confirmed)];
        if (settled is [{ State: PendingState.Confirmed } only] && verified is not null && pending is null)
        {
            JsonObject answer = VerifiedReport.Answer(model, only.Answer);
            answer["verified"] = verified;
            output.Data(answer);
            output.Data(VerifiedReport.Line(model, only.Answer));
        }
        else if (refused.Length == 0)
        {
            output.Data(new JsonObject
            {
                ["model"] = model.Name,
                ["answers"] = new JsonArray([.. confirmed.Select(query =>
                {
                    JsonObject answer = VerifiedReport.Answer(model, query.Answer);
                    answer["input"] = query.Name;
                    return answer;
                })]),
                ["verified"] = verified,
            });
        }
        foreach (PendingQuery query in settled.Count > 1 || pending is not null ? confirmed : [])
        {
            output.Data($"{query.Name}\t{VerifiedReport.Line(model, query.Answer)}");
        }
        foreach (PendingQuery query in refused.Where(_ => pending is not null || refused.Length > 1))
        {
            output.Note($"not confirmed: {query.Name}");
        }
        if (pending is not null)
        {
            await pending.ForgetAsync(settled, cancellation);
        }
        return refused.Length == 0 ? (int)ExitCode.Ok : output.Error(
            ExitCode.VerificationFailed, "Verification failed: all answers of the round are discarded, and earlier ones to the same questions are worth nothing.",
            "what is known of who answered: funion providers");
    }
}
