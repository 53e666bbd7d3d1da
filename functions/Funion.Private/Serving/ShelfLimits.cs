namespace Funion.Private.Serving;

/// <summary>How much material a provider keeps, and for how long. One party is an address, or everybody who has none.</summary>
/// <param name="Bytes">In all.</param>
/// <param name="PartyBytes">Of one party.</param>
/// <param name="Lifetime">What nobody came back for goes.</param>
public sealed record ShelfLimits(long Bytes, long PartyBytes, TimeSpan Lifetime)
{
    /// <summary>In memory: a gigabyte, of one party a quarter of it, for a day.</summary>
    public static ShelfLimits Memory { get; } = new(1L << 30, 1L << 28, TimeSpan.FromDays(1));

    /// <summary>On disk: sixteen gigabytes, of one party four, for a week.</summary>
    public static ShelfLimits Disk { get; } = new(1L << 34, 1L << 32, TimeSpan.FromDays(7));
}
