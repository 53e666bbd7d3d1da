namespace Funion.Cli.Anonymity.Games;

/// <summary>Whether and when an attack is noticed; infinite: not within a quarter of an hour.</summary>
/// <param name="Attack">Its name.</param>
/// <param name="Runs">How often it was tried.</param>
/// <param name="ClientNoticed">In how many runs a client's own loops told, or the requests that had to be sent again.</param>
/// <param name="ClientLoops">After how many of them, at the median.</param>
/// <param name="ClientSeconds">After how long.</param>
/// <param name="ClientMost">The most of them that it took.</param>
/// <param name="NodesNoticed">In how many runs the loops that nodes publish told.</param>
/// <param name="NodeLoops">After how many of the segment that told first.</param>
/// <param name="NodeSeconds">After how long.</param>
/// <param name="NodesMost">The most of them that it took.</param>
/// <param name="Destroyed">Packets that were dropped or tagged.</param>
/// <param name="Confirmed">Tagged packets that ended at a service that could see that: one bit each.</param>
/// <param name="Damaged">Loops that came back changed, to a client and to nodes.</param>
/// <param name="Resent">Requests that were sent again.</param>
sealed record ActiveAttackResult(
    string Attack, int Runs, int ClientNoticed, double ClientLoops, double ClientSeconds, double ClientMost, int NodesNoticed, double NodeLoops, double NodeSeconds,
    double NodesMost, long Destroyed, long Confirmed, long Damaged, long Resent);
