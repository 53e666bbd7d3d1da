using Funion.Cli.Anonymity.Distinguishers;
using Funion.Cli.Anonymity.Simulation;

namespace Funion.Cli.Anonymity.Games;

/// <summary>A client's next slot carries a request or a decoy. Which?</summary>
/// <param name="storage">Whether the observer also sees every node's storage being used.</param>
sealed class RealOrDecoy(bool storage) : Game
{
    public override string Name => storage ? "real or decoy, storage seen" : "real or decoy";

    public override string Question => "whether a packet is a request or a decoy";

    public override string View => storage ? "all wires, and when anything is done on any node's storage" : "all wires";

    public override Protections Control => new() { Mixing = false, DecoysTravel = false };

    public override string ControlName => "no mixing delay, and decoys end at the gateway";

    /// <summary>Fewer people leave less to hide in where storage is seen.</summary>
    public override int Lanes => storage ? 3 : 12;

    public override Lane Enter(Arena arena) => new Players(arena, storage);

    sealed class Players(Arena arena, bool storage) : Lane
    {
        const double After = 12;

        readonly SimClient _client = arena.World.AddClient();

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            World world = arena.World;
            await world.Events.DelayAsync(TimeSpan.FromSeconds(2 * arena.Public.NextDouble()));
            Since = world.Events.Seconds - 6;
            TaskCompletionSource slot = new();
            double at = double.NaN;
            _client.Slotted = () =>
            {
                _client.Slotted = null;
                at = world.Events.Seconds;
                slot.SetResult();
            };
            Task work = secret ? new SimBoxes(world, _client).WriteAsync(new SimBox(world.Replicas.Count, world.Random)) : Task.CompletedTask;
            await slot.Task;
            await world.Events.DelayAsync(TimeSpan.FromSeconds(After));
            double[] features = View(at);
            await work;
            return features;
        }

        double[] View(double at)
        {
            World world = arena.World;
            List<double> features = [];
            void Weigh(Kernel kernel, double[] seen)
            {
                (double linear, double logarithmic) = kernel.Fit([at], seen, 0.5, 0);
                features.Add(linear);
                features.Add(logarithmic);
            }
            void Links(Kernel kernel, IEnumerable<(int, int)> links) => Weigh(kernel, arena.Seen(links, at, at + After));
            Links(Kernel.Hops(1, Mean, arena.Public), arena.FirstMixes.Select(mix => (world.Gateway, mix)));
            foreach (int courier in arena.Couriers)
            {
                Links(arena.ToService, arena.LastMixes.Select(mix => (mix, courier)));
                Links(arena.AtService, arena.FirstMixes.Select(mix => (courier, mix)));
            }
            Links(arena.ToService, arena.LastMixes.Select(mix => (mix, arena.ComputeNode)));
            Links(arena.Back, arena.LastMixes.Select(mix => (mix, world.Gateway)));
            Links(arena.AtReplica, arena.Couriers.SelectMany(courier => arena.Replicas.Select(replica => (courier, replica))));
            foreach (double span in (double[])[2, 5, After])
            {
                features.Add(world.Recorder.Link(_client.Index, world.Gateway).Count(at + 1e-7, at + span));
                features.Add(world.Recorder.Link(world.Gateway, _client.Index).Count(at, at + span));
            }
            if (storage)
            {
                Weigh(arena.AtService, arena.Dispatched(at, at + After));
                foreach (StoreOperation operation in (StoreOperation[])[StoreOperation.Get, StoreOperation.Put])
                {
                    Weigh(arena.AtService, arena.Done(arena.Couriers, operation, at, at + After));
                    Weigh(arena.AtReplica, arena.Done(arena.Replicas, operation, at, at + After));
                }
            }
            return [.. features];
        }

        TimeSpan Mean => arena.World.Protections.Mixing ? arena.World.Document.Rates.MeanDelay : TimeSpan.Zero;
    }
}
