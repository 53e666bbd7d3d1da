using Funion.Cli.Anonymity.Simulation;

namespace Funion.Cli.Anonymity.Games;

/// <summary>
/// Two clients who are not always on: whoever asks comes online for it, the other is there at half of the times by chance. Three questions by one person; compute
/// tells when they came, the gateway who was online then (the intersection of Echomix, section 6).
/// </summary>
sealed class OnlineToAsk : Game
{
    public override string Name => "gateway + compute, not always on";

    public override string Question => "which of two clients asked three times";

    public override string View => "who is online, and when questions come";

    public override Protections? Control => null;

    public override string ControlName => "";

    public override Lane Enter(Arena arena) => new Players(arena);

    sealed class Players(Arena arena) : Lane
    {
        readonly SimClient[] _clients = [arena.World.AddClient(), arena.World.AddClient()];

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            World world = arena.World;
            double difference = 0;
            foreach (SimClient client in _clients)
            {
                client.Online = false;
            }
            for (int question = 0; question < 3; question++)
            {
                await world.Events.DelayAsync(TimeSpan.FromSeconds(20 + (10 * arena.Public.NextDouble())));
                double from = Since = world.Events.Seconds;
                SimClient asks = _clients[secret ? 1 : 0], other = _clients[secret ? 0 : 1];
                asks.Online = true;
                other.Online = arena.Public.Below(2) == 0;
                SimJob job = arena.Compute.Draft(arena.Compute.Offerings[0]);
                await new SimAsker(world, asks).AskAsync(job);
                asks.Online = other.Online = false;
                int[] seen = [.. _clients.Select(client => world.Recorder.Link(client.Index, world.Gateway).Count(from, job.Arrived) > 0 ? 1 : 0)];
                difference += seen[0] - seen[1];
            }
            return [difference];
        }
    }
}
