namespace Funion.Cli.Anonymity.Games;

/// <summary>Whether and when an attack is noticed; infinite: not within a quarter of an hour.</summary>
/// <param name="Attack">Its name.</param>
/// <param name="Runs">How often it was tried.</param>
/// <param name="ClientNoticed">In how many runs a client's own loops told.</param>
/// <param name="ClientLoops">After how many of them, at the median.</param>
/// <param name="ClientSeconds">After how long.</param>
/// <param name="NodesNoticed">In how many runs the loops that nodes publish told.</param>
/// <param name="NodeLoops">After how many of the segment that told first.</param>
/// <param name="NodeSeconds">After how long.</param>
/// <param name="Destroyed">Packets that were dropped or tagged.</param>
/// <param name="Confirmed">Tagged packets that ended at a service that could see that: one bit each.</param>
/// <param name="Damaged">Replies that the client could not open.</param>
/// <param name="Resent">Requests that were sent again.</param>
sealed record ActiveAttackResult(
    string Attack, int Runs, int ClientNoticed, double ClientLoops, double ClientSeconds, int NodesNoticed, double NodeLoops, double NodeSeconds, long Destroyed,
    long Confirmed, long Damaged, long Resent);
