namespace Funion.Private.Serving;

/// <summary>How much material a provider keeps, and for how long. One party is an address, or everybody who has none.</summary>
/// <param name="Bytes">In all.</param>
/// <param name="PartyBytes">Of one party.</param>
/// <param name="MakingBytes">Being made at a time, in memory wherever it is kept later; a single one is made whatever its size.</param>
/// <param name="PartyMakingBytes">Of one party; a single one likewise.</param>
/// <param name="Lifetime">What nobody came back for goes.</param>
public sealed record ShelfLimits(long Bytes, long PartyBytes, long MakingBytes, long PartyMakingBytes, TimeSpan Lifetime)
{
    /// <summary>In memory: a gigabyte, of one party a quarter of it, for a day; a gigabyte more that is being made, of one party a quarter.</summary>
    public static ShelfLimits Memory { get; } = new(1L << 30, 1L << 28, 1L << 30, 1L << 28, TimeSpan.FromDays(1));

    /// <summary>On disk: sixteen gigabytes, of one party four, for a week; being made as in memory.</summary>
    public static ShelfLimits Disk { get; } = new(1L << 34, 1L << 32, 1L << 30, 1L << 28, TimeSpan.FromDays(7));

    /// <summary>The same where all parties are one, since nobody has an address.</summary>
    public ShelfLimits Nameless => this with { PartyBytes = Bytes, PartyMakingBytes = MakingBytes };
}
