namespace Funion.Client;

/// <summary>What is still to be deleted of a question or a file, as tombstones: unlike capabilities they read nothing.</summary>
/// <param name="Kept">Where it is noted; null: nowhere.</param>
/// <param name="Until">When the replicas drop the boxes themselves: from then on there is nothing to delete.</param>
/// <param name="Tombstones">One for each box.</param>
sealed record Leftover(string? Kept, DateTimeOffset Until, IReadOnlyList<DueTombstone> Tombstones);
