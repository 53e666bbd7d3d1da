using Funion.Cli.Console;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary>The user's queries that wait to be checked. What cannot be done is said, and null.</summary>
sealed class HomePending(Output output, Bytes32 model, SampleForm form)
{
    static string Folder => Path.Combine(FunionHome.Path, "pending");

    public PendingQueries Store { get; } = new(Folder, model, form);

    public Task<IReadOnlyList<PendingQuery>?> ReadAsync(CancellationToken cancellation) => ChangeAsync(_ => null, cancellation);

    /// <summary>One more attempt with each, noted before it is made; those that did not wait yet join them.</summary>
    public Task<IReadOnlyList<PendingQuery>?> BeginAsync(IReadOnlyList<PendingQuery> round, CancellationToken cancellation) => ChangeAsync(
        there =>
        [
            .. there.Select(one => round.Any(query => query.Id == one.Id) ? one with { Attempts = one.Attempts + 1 } : one),
            .. round.Where(query => there.All(one => one.Id != query.Id)).Select(query => query with { Attempts = 1 }),
        ],
        cancellation);

    /// <summary>The verdict over all of a round at once.</summary>
    public Task<IReadOnlyList<PendingQuery>?> SettleAsync(IReadOnlyList<PendingQuery> round, CancellationToken cancellation) =>
        ChangeAsync(there => [.. there.Select(one => round.FirstOrDefault(query => query.Id == one.Id) ?? one)], cancellation);

    public Task<IReadOnlyList<PendingQuery>?> ForgetAsync(IReadOnlyList<PendingQuery> settled, CancellationToken cancellation) =>
        ChangeAsync(there => [.. there.Where(one => settled.All(query => query.Id != one.Id))], cancellation);

    public async Task<IReadOnlyList<PendingQuery>?> ChangeAsync(
        Func<IReadOnlyList<PendingQuery>, IReadOnlyList<PendingQuery>?> change, CancellationToken cancellation)
    {
        IReadOnlyList<PendingQuery> now = [];
        PendingOutcome outcome = await Patience.WhileBusyAsync(() => Store.TryChange(change, out now), PendingOutcome.Busy, cancellation);
        if (outcome == PendingOutcome.Done)
        {
            return now;
        }
        output.Error(ExitCode.Failed, outcome switch
        {
            PendingOutcome.Damaged => $"What waits to be checked is damaged, or others may write it: {Folder}.",
            PendingOutcome.Full => "So many questions cannot wait to be checked.",
            PendingOutcome.Busy => "Another funion has what waits to be checked.",
            _ => $"What waits to be checked cannot be kept in {Folder}.",
        });
        return null;
    }
}
