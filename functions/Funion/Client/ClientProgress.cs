namespace Funion.Client;

/// <summary>How far an operation is.</summary>
/// <param name="Stage">Upload, dispatch, wait, read.</param>
/// <param name="Done">Boxes done.</param>
/// <param name="Total">Boxes in all.</param>
/// <param name="Until">When the stage ends, where that is known: the boundary that an answer waits for.</param>
public sealed record ClientProgress(string Stage, int Done, int Total, DateTimeOffset? Until = null);
