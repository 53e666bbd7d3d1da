using Funion.Cli.Anonymity.Simulation;

namespace Funion.Cli.Anonymity.Games;

/// <summary>
/// Two clients are always on and one writes a box. Whoever sees networks fail takes the link of the first one down for a while as the box's envelope comes to its
/// courier; only the other one can ask for the answer meanwhile (Echomix, section 6: courier and replica with a global view of disruptions).
/// </summary>
sealed class Outage : Game
{
    public override string Name => "courier + replicas, clients' links fail";

    public override string Question => "which of two clients wrote a box";

    public override string View => "when a box's envelope comes to its courier, and whose link is down";

    public override Protections? Control => null;

    public override string ControlName => "";

    public override Lane Enter(Arena arena) => new Players(arena);

    sealed class Players(Arena arena) : Lane
    {
        static readonly TimeSpan s_down = TimeSpan.FromSeconds(15);

        readonly SimClient[] _clients = [arena.World.AddClient(), arena.World.AddClient()];

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            World world = arena.World;
            await world.Events.DelayAsync(TimeSpan.FromSeconds(5 * arena.Public.NextDouble()));
            Since = world.Events.Seconds;
            SimEnvelope? envelope = null;
            Task write = new SimBoxes(world, _clients[secret ? 1 : 0]).WriteAsync(
                new SimBox(world.Replicas.Count, world.Random), sealing: sealedOne => envelope = sealedOne);
            while (envelope!.Asked.Count == 0)
            {
                await world.Events.DelayAsync(TimeSpan.FromSeconds(0.1));
            }
            _clients[0].Online = false;
            await world.Events.DelayAsync(s_down);
            _clients[0].Online = true;
            await write;
            double again = envelope.Asked.ElementAtOrDefault(1) - envelope.Asked[0];
            return [again, again < s_down.TotalSeconds ? 1 : 0, envelope.Asked.Count];
        }
    }
}
