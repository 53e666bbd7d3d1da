using Funion.Cli.Anonymity.Simulation;

namespace Funion.Cli.Anonymity.Games;

/// <summary>A client reads a box or writes one. Which? The adversary runs every courier: he sees when each is asked and when replicas answer it.</summary>
/// <param name="missing">Whether what is read is not there, as when a reader waits for an answer.</param>
sealed class ReadOrWrite(bool missing) : Game
{
    public override string Name => missing ? "read of what is not there, or write" : "read or write";

    public override string Question => missing ? "whether a box was written, or looked for in vain" : "whether a box was read or written";

    public override string View => "all wires, and all couriers: when an envelope comes, how often, and when its two answers come";

    public override Protections Control => new() { EqualExchanges = false };

    public override string ControlName => "a write ends when it is acknowledged";

    public override Lane Enter(Arena arena) => new Players(arena, missing);

    sealed class Players(Arena arena, bool missing) : Lane
    {
        const double Window = 15;

        readonly SimClient _client = arena.World.AddClient();

        readonly SimClient _owner = arena.World.AddClient();

        public override async Task<double[]?> PlayAsync(bool secret)
        {
            World world = arena.World;
            SimBox there = new(world.Replicas.Count, world.Random), fresh = new(world.Replicas.Count, world.Random);
            if (!missing)
            {
                await new SimBoxes(world, _owner).WriteAsync(there);
            }
            // The copy reaches the second shard, in both worlds.
            await world.Events.DelayAsync(TimeSpan.FromSeconds(3 + (2 * arena.Public.NextDouble())));
            double from = Since = world.Events.Seconds;
            SimEnvelope? envelope = null;
            SimBoxes boxes = new(world, _client);
            Task work = secret
                ? boxes.WriteAsync(fresh, sealing: sealedOne => envelope ??= sealedOne)
                : boxes.ReadAsync(there, absences: 1, sealing: sealedOne => envelope ??= sealedOne);
            await Task.WhenAll(work, world.Events.DelayAsync(TimeSpan.FromSeconds(Window)));
            double asked = envelope!.Asked[0], first = envelope.Answered[0] - asked, second = envelope.Answered[1] - asked;
            return
            [
                envelope.Asked.Count, envelope.Asked.ElementAtOrDefault(1) - asked, envelope.Asked.ElementAtOrDefault(2) - asked, first, second,
                Math.Min(first, second), Math.Max(first, second), Math.Abs(first - second),
                world.Recorder.Link(_client.Index, world.Gateway).Count(from, from + Window),
                world.Recorder.Link(world.Gateway, _client.Index).Count(from, from + Window),
                arena.Seen(arena.Replicas.SelectMany(one => arena.Replicas.Select(other => (one, other))), asked, asked + 2).Length,
                arena.Seen(arena.Couriers.SelectMany(one => arena.Replicas.Select(other => (one, other))), asked, asked + 2).Length,
            ];
        }
    }
}
