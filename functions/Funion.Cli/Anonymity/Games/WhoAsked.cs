using Funion.Cli.Anonymity.Simulation;
using Funion.Network;

namespace Funion.Cli.Anonymity.Games;

/// <summary>Two clients are always on; one of them asks a question. Which? (design 4, Echomix 3 and 6.)</summary>
/// <param name="storage">Whether the observer also sees every node's storage being used.</param>
/// <param name="network">Another network than the standard one.</param>
sealed class WhoAsked(bool storage, Func<NetworkDocument>? network = null) : Game
{
    public override string Name => storage ? "who asked, storage seen" : "who asked";

    public override string Question => "which of two clients asked";

    public override string View => storage ? "all wires, and when anything is done on any node's storage" : "all wires";

    public override Protections Control => new() { Cover = 0 };

    public override string ControlName => "no cover: who asks sends at once, and only then";

    /// <summary>Fewer people leave less to hide in where storage is seen.</summary>
    public override int Lanes => storage ? 3 : 12;

    public override NetworkDocument Plan() => network?.Invoke() ?? World.Plan();

    public override Lane Enter(Arena arena) => new Players(arena, storage);

    sealed class Players(Arena arena, bool storage) : Lane
    {
        const double Window = 45;

        readonly SimClient[] _clients = [arena.World.AddClient(), arena.World.AddClient()];

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            EventQueue events = arena.World.Events;
            await events.DelayAsync(TimeSpan.FromSeconds(10 * arena.Public.NextDouble()));
            double from = Since = events.Seconds;
            SimJob job = arena.Compute.Draft(arena.Compute.Offerings[0]);
            SimAsker asker = new(arena.World, _clients[secret ? 1 : 0]);
            await Task.WhenAll(asker.AskAsync(job), events.DelayAsync(TimeSpan.FromSeconds(Window)));
            return PairView.Of(arena, _clients[0], _clients[1], from, from + Window, storage);
        }
    }
}
