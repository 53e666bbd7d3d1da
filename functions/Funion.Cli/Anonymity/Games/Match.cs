using Funion.Cli.Anonymity.Distinguishers;
using Funion.Cli.Anonymity.Simulation;
using Funion.Mixing;

namespace Funion.Cli.Anonymity.Games;

/// <summary>Plays a game: so many training rounds, on which the distinguisher is chosen, then held-out rounds, on which it is scored. Seeds are fixed.</summary>
static class Match
{
    /// <summary>Training rounds for so many held-out ones.</summary>
    public static int TrainingFor(int heldOut) => Math.Max(300, heldOut / 2);

    public static GameResult Play(Game game, bool protection, int heldOut, ulong seed = 1) =>
        Play(game, protection ? new Protections() : game.Control!, protection, heldOut, seed);

    /// <summary>The same under protections of one's own choice.</summary>
    public static GameResult Play(Game game, Protections protections, bool protection, int heldOut, ulong seed = 1)
    {
        int training = TrainingFor(heldOut);
        List<Round> rounds = Collect(game, protections, training + heldOut, seed);
        Distinguisher best = Family.Choose(rounds[..training]);
        Round[] held = [.. rounds[training..]];
        int right = held.Count(round => best.Guess(round.Features) == round.Secret);
        return new GameResult(game.Name, protection, held.Length, Advantage.Of(right, held.Length), best.Name);
    }

    /// <summary>Rounds of a world, in the order of their begin in each lane, lane by lane in turn.</summary>
    public static List<Round> Collect(Game game, Protections protections, int count, ulong seed)
    {
        Arena arena = new(game.Plan(), protections, seed);
        // The bits are drawn apart: nothing in the world knows of them but the round that they are for.
        SeededSource bits = new(seed ^ 0xb175);
        Lane[] lanes = [.. Enumerable.Range(0, game.Lanes).Select(_ => game.Enter(arena))];
        int each = (count + lanes.Length - 1) / lanes.Length;
        List<Round>[] played = [.. lanes.Select(_ => new List<Round>())];
        Task[] playing = [.. lanes.Select((lane, i) => PlayAsync(arena, lanes, lane, played[i], each, bits))];
        arena.World.Events.Run(Task.WhenAll(playing));
        return [.. Enumerable.Range(0, each).SelectMany(round => played.Select(lane => lane[round])).Take(count)];
    }

    static async Task PlayAsync(Arena arena, Lane[] lanes, Lane lane, List<Round> played, int count, RandomSource bits)
    {
        // Compute's batches fill and boxes of dummies are under way before the first round.
        await arena.World.Events.DelayAsync(TimeSpan.FromSeconds(60));
        while (played.Count < count)
        {
            bool secret = bits.Below(2) == 1;
            if (await lane.PlayAsync(secret) is { } features)
            {
                played.Add(new Round(secret, features));
            }
            if (played.Count % 64 == 0)
            {
                arena.World.Recorder.Forget(lanes.Min(other => other.Since) - 10);
            }
        }
    }
}
