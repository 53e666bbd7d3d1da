using Funion.Cli.Anonymity.Simulation;

namespace Funion.Cli.Anonymity.Games;

/// <summary>Somebody stores a box, and one of two readers who are always on fetches it. Which?</summary>
sealed class WhoReads : Game
{
    public override string Name => "sender to receiver";

    public override string Question => "which of two readers got a box";

    public override string View => "all wires";

    public override Protections Control => new() { Cover = 0 };

    public override string ControlName => "no cover: who reads sends at once, and only then";

    public override Lane Enter(Arena arena) => new Players(arena);

    sealed class Players(Arena arena) : Lane
    {
        const double Window = 20;

        readonly SimClient _writer = arena.World.AddClient();

        readonly SimClient[] _readers = [arena.World.AddClient(), arena.World.AddClient()];

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            World world = arena.World;
            double from = Since = world.Events.Seconds;
            SimBox box = new(world.Replicas.Count, world.Random);
            await new SimBoxes(world, _writer).WriteAsync(box);
            await world.Events.DelayAsync(TimeSpan.FromSeconds(4 * arena.Public.NextDouble()));
            double asked = world.Events.Seconds;
            await Task.WhenAll(new SimBoxes(world, _readers[secret ? 1 : 0]).ReadAsync(box), world.Events.DelayAsync(TimeSpan.FromSeconds(Window)));
            double[] fits = PairView.Of(arena, _readers[0], _readers[1], asked, asked + Window, storage: false);
            // And from when the box was sent: a receiver may react to the sender.
            return [.. fits, .. PairView.Of(arena, _readers[0], _readers[1], from, asked, storage: false)];
        }
    }
}
