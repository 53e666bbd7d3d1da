using Funion.Cli.Anonymity.Simulation;

namespace Funion.Cli.Anonymity.Games;

/// <summary>A courier and the two intermediates that it was told work together: the envelope's hash joins what the one passes on and what the others open.</summary>
sealed class SealedAct : Game
{
    public override string Name => "courier + its replicas: read or write";

    public override string Question => "whether a box was read or written";

    public override string View => "a courier and an envelope's two intermediates";

    public override Protections? Control => null;

    public override string ControlName => "";

    public override Lane Enter(Arena arena) => new Players(arena);

    sealed class Players(Arena arena) : Lane
    {
        readonly SimClient _client = arena.World.AddClient();

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            Since = arena.World.Events.Seconds;
            SimBox box = new(arena.World.Replicas.Count, arena.World.Random);
            SimBoxes boxes = new(arena.World, _client);
            SimEnvelope? envelope = null;
            await (secret ? boxes.WriteAsync(box, sealing: sealedOne => envelope ??= sealedOne) : boxes.ReadAsync(box, 1, sealedOne => envelope ??= sealedOne));
            return [envelope!.Act == BoxAct.Read ? 0 : 1];
        }
    }
}
