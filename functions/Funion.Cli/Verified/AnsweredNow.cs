using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Mixing;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary><c>funion infer … --later</c>: one run, unverified, and a note of it that outlives the process from before the run on.</summary>
static class AnsweredNow
{
    public static async Task<int> RunAsync(
        AskingRequest request, VerifyOptions options, WayOfAsking way, TimeSpan bucket, HomeSamples samples, HomePending pending, PendingQuery query, CancellationToken cancellation)
    {
        Output output = request.Output;
        if (await HomeLedger.SubstituteAsync(output, way.Model, cancellation))
        {
            return HomeLedger.NotAsked(output, way.Model);
        }
        await way.OpenAsync(bucket, cancellation);
        way.Announce(1);
        // The same question that got no answer is asked again, not another one beside it.
        string id = query.Id;
        if (await pending.ChangeAsync(
            there =>
            {
                PendingQuery? same = there.FirstOrDefault(one => one is { State: PendingState.Open, Answer.Length: 0 } && one.Name == query.Name && one.Input.Span.SequenceEqual(query.Input.Span));
                id = same?.Id ?? query.Id;
                return same is null ? [.. there, query] : null;
            },
            cancellation) is null)
        {
            return (int)ExitCode.Failed;
        }
        VerifiedRuns runs = new(way, [way.Model], _ => { });
        ReadOnlyMemory<byte>? answer = await runs.AskAsync(0, samples.Tolerance.Disguise(query.Input, RandomSource.System), cancellation);
        if (answer is null)
        {
            return runs.Trouble is { } trouble ? throw trouble : output.Error(ExitCode.Failed, "No answer came; the question waits to be checked all the same.");
        }
        IReadOnlyList<PendingQuery>? now = await pending.ChangeAsync(
            there => [.. there.Select(one => one.Id == id ? one with { Answer = answer.Value } : one)], cancellation, isFatal: false);
        JsonObject json = VerifiedReport.Answer(way.Model, answer.Value);
        json["verified"] = false;
        json["pending"] = now?.Count(one => one.State == PendingState.Open);
        output.Data(json);
        output.Data(VerifiedReport.Line(way.Model, answer.Value));
        output.Note(now is null
            ? "not verified, and never compared with what a check will say: this answer could not be noted"
            : $"not verified yet: {json["pending"]} wait; check them together with: {options.Again(request)}");
        await way.FinishAsync(cancellation);
        return now is null ? (int)ExitCode.Failed : (int)ExitCode.Ok;
    }
}
