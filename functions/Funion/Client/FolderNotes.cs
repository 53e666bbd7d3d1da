using Funion.Network;

namespace Funion.Client;

/// <summary>A person's, in a folder.</summary>
sealed class FolderNotes(Leftovers leftovers) : DeletionNotes
{
    public override ValueTask<string?> KeepAsync(Leftover left) => ValueTask.FromResult(leftovers.Keep(left));

    public override ValueTask ReplaceAsync(Leftover left)
    {
        Leftovers.Replace(left);
        return ValueTask.CompletedTask;
    }

    public override ValueTask ForgetAsync(Leftover left)
    {
        Leftovers.Forget(left.Kept);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<IReadOnlyList<Leftover>> TakeAbandonedAsync() => ValueTask.FromResult(leftovers.Abandoned());

    /// <summary>
    /// Drawn anew and independently for each box by whoever finds them, uniformly over hours: a short session meets next to none of them, so coming online
    /// deletes nothing, and a long one shows no moment at which several questions of one person went. What falls after the end of its box is never sent,
    /// rather than crowded in before it.
    /// </summary>
    public override TimeSpan MissedWithin(NetworkDocument document) => TimeSpan.FromHours(6);
}
