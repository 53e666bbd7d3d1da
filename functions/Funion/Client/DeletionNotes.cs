using Funion.Network;

namespace Funion.Client;

/// <summary>Where it is noted what is still to be deleted. What cannot be noted is asked all the same.</summary>
abstract class DeletionNotes
{
    /// <summary>Notes it; gives where, or null.</summary>
    public abstract ValueTask<string?> KeepAsync(Leftover left);

    /// <summary>Notes other times in its place, or less than before.</summary>
    public abstract ValueTask ReplaceAsync(Leftover left);

    /// <summary>It is deleted, or past.</summary>
    public abstract ValueTask ForgetAsync(Leftover left);

    /// <summary>What processes left that are no more.</summary>
    public abstract ValueTask<IReadOnlyList<Leftover>> TakeAbandonedAsync();

    /// <summary>Over how long tombstones are spread whose time came while nobody was there.</summary>
    public abstract TimeSpan MissedWithin(NetworkDocument document);
}
