namespace Funion.Cli.Anonymity.Simulation;

/// <summary>What protects; the default is the product. A control switches off the one that its game is about.</summary>
sealed record Protections
{
    /// <summary>Part of the empty slots that decoys fill, and of the loops that are sent: 1 is the product, 0 no cover.</summary>
    public double Cover { get; init; } = 1;

    /// <summary>Whether hops hold packets as long as their author drew; false: not at all.</summary>
    public bool Mixing { get; init; } = true;

    /// <summary>Whether decoys go all the way and come back; false: the gateway drops them.</summary>
    public bool DecoysTravel { get; init; } = true;

    /// <summary>Whether a write makes the exchanges of a read; false: it ends when it is acknowledged.</summary>
    public bool EqualExchanges { get; init; } = true;

    /// <summary>Whether jobs start and are released at boundaries, in random order; false: at once, in the order of arrival.</summary>
    public bool Buckets { get; init; } = true;

    /// <summary>Whether each box is deleted at a time of its own; false: all of a question at once.</summary>
    public bool LoneTombstones { get; init; } = true;

    /// <summary>Whether an answer that one shard could give waits as long as asking both takes.</summary>
    public bool EvenAnswers { get; init; } = true;
}
