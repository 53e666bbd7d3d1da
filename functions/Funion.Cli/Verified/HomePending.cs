using Funion.Cli.Console;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary>The user's queries that wait to be checked. What cannot be done is said, and null.</summary>
sealed class HomePending(Output output, Bytes32 model, SampleForm form)
{
    public static string Folder => Path.Combine(FunionHome.Path, "pending");

    public PendingQueries Store { get; } = new(Folder, model, form);

    public Task<IReadOnlyList<PendingQuery>?> ReadAsync(CancellationToken cancellation) => ChangeAsync(_ => null, cancellation);

    /// <summary>One more attempt with each, noted before it is made; those that did not wait yet join them.</summary>
    public Task<IReadOnlyList<PendingQuery>?> BeginAsync(IReadOnlyList<PendingQuery> round, Output said, CancellationToken cancellation) => new HomePending(said, model, form).ChangeAsync(
        there =>
        [
            .. there.Select(one => round.Any(query => query.Id == one.Id) ? one with { Attempts = one.Attempts + 1 } : one),
            .. round.Where(query => there.All(one => one.Id != query.Id)).Select(query => query with { Attempts = 1 }),
        ],
        cancellation);

    /// <summary>The verdict over all of a round at once. Answers that are right are said even if it cannot be noted that they were.</summary>
    public Task<IReadOnlyList<PendingQuery>?> SettleAsync(IReadOnlyList<PendingQuery> round, CancellationToken cancellation) =>
        ChangeAsync(there => [.. there.Select(one => round.FirstOrDefault(query => query.Id == one.Id) ?? one)], cancellation, isFatal: false);

    /// <summary>What its owner was told of: confirmed ones go; refused ones wait anew, without the answer that is worth nothing.</summary>
    public Task<IReadOnlyList<PendingQuery>?> ReportedAsync(IReadOnlyList<PendingQuery> settled, CancellationToken cancellation) => ChangeAsync(
        there =>
        [
            .. there.Where(one => settled.All(query => query.Id != one.Id || query.State != PendingState.Confirmed))
                .Select(one => settled.Any(query => query.Id == one.Id && query.State == PendingState.Refused) ? one with { State = PendingState.Open, Answer = default } : one),
        ],
        cancellation, isFatal: false);

    public async Task<IReadOnlyList<PendingQuery>?> ChangeAsync(
        Func<IReadOnlyList<PendingQuery>, IReadOnlyList<PendingQuery>?> change, CancellationToken cancellation, bool isFatal = true)
    {
        IReadOnlyList<PendingQuery> now = [];
        PendingOutcome outcome = await Patience.WhileBusyAsync(() => Store.TryChange(change, out now), PendingOutcome.Busy, cancellation);
        if (outcome == PendingOutcome.Done)
        {
            return now;
        }
        if (isFatal)
        {
            output.Error(ExitCode.Failed, Sentence(outcome));
        }
        else
        {
            output.Note(Sentence(outcome));
        }
        return null;
    }

    public static string Sentence(PendingOutcome outcome) => outcome switch
    {
        PendingOutcome.Damaged => $"What waits to be checked is damaged, or others may write it: {Folder}.",
        PendingOutcome.Full => "So many questions cannot wait to be checked.",
        PendingOutcome.Busy => "Another funion has what waits to be checked.",
        _ => $"What waits to be checked cannot be kept in {Folder}.",
    };
}
