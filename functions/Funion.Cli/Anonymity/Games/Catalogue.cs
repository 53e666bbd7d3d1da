namespace Funion.Cli.Anonymity.Games;

/// <summary>All games, in the order of the table.</summary>
static class Catalogue
{
    /// <summary>What the README promises: protection on must hold, the control must fall.</summary>
    public static IReadOnlyList<Game> Promised =>
    [
        new WhoAsked(storage: false), new InputOutput(whole: false), new WhoReads(), new ReadOrWrite(missing: false), new ReadOrWrite(missing: true),
        new RealOrDecoy(storage: false), new Workload(models: true, computeStorage: false), new Workload(models: false, computeStorage: false), new OnePerson(compute: false),
    ];

    /// <summary>Observers who see more than wires.</summary>
    public static IReadOnlyList<Game> Wider =>
    [
        new WhoAsked(storage: true), new RealOrDecoy(storage: true), new InputOutput(whole: true),
        new Workload(models: true, computeStorage: false, alike: true), new Workload(models: true, computeStorage: true),
        new Workload(models: false, computeStorage: true), new OnePerson(compute: true),
    ];

    /// <summary>Parties that work together (Echomix, section 6): in some of these the system is expected to lose.</summary>
    public static IReadOnlyList<Game> Collusion =>
    [
        new Colluding("mixes + replicas + compute", gateway: false, replicas: true, mixes: true),
        new Colluding("gateway + compute", gateway: true, replicas: false, mixes: false),
        new Colluding("gateway + compute + replicas", gateway: true, replicas: true, mixes: false),
        new Colluding("all but the gateway, its wires seen", gateway: true, replicas: true, mixes: true),
        new Colluding("gateway + replicas", gateway: true, replicas: true, mixes: false, compute: false),
        new OnlineToAsk(), new Outage(), new SealedAct(), new InputOutput(whole: true, replicas: 1), new InputOutput(whole: true, replicas: 4),
    ];
}
