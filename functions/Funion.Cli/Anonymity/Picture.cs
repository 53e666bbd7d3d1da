using Funion.Cli.Anonymity.Games;
using Funion.Cli.Anonymity.Simulation;
using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Anonymity;

/// <summary>
/// The picture: who asked, against the mean delay and against how much cover there is, each for an observer of the wires and, over the delay, for a gateway, compute
/// and all replicas that work together; and the entropy of one packet's trace against λ/μ.
/// </summary>
static class Picture
{
    public static string Draw(int rounds, IReadOnlyList<TracingResult> tracing, Action<string> note)
    {
        Svg svg = new();
        int[] delays = [50, 200, 800];
        double[] covers = [0, 0.5, 0.8, 0.9, 0.95, 1];
        double Of(Game game, Protections protections)
        {
            GameResult result = Match.Play(game, protections, protection: true, rounds);
            note($"{game.Name}: {result.Advantage.Value:F3}");
            return result.Advantage.Value;
        }
        Func<NetworkDocument> With(int delay) => () => World.Plan(new Rates { MeanDelayMilliseconds = delay });
        svg.Add("Who asked, by mean delay", "mean delay at a hop, ms", "advantage", 1,
        [
            ("all wires", [.. delays.Select(delay => ((double)delay, Of(new WhoAsked(storage: false, With(delay)), new Protections())))]),
            ("gateway, compute and all replicas",
                [.. delays.Select(delay => ((double)delay, Of(new Colluding("together", true, true, false, network: With(delay)), new Protections())))]),
        ]);
        svg.Add("Who asked, by cover", "part of empty slots that carry decoys", "advantage", 1,
        [
            ("all wires", [.. covers.Select(cover => (cover, Of(new WhoAsked(storage: false), new Protections { Cover = cover })))]),
        ]);
        svg.Add("Tracing one packet", "packets that a mix takes in per mean delay, λ/μ", "bits", Math.Ceiling(tracing.Max(result => result.Bits)),
        [
            ("entropy, mean", [.. tracing.OrderBy(result => result.PacketsPerDelay).Select(result => (Math.Round(result.PacketsPerDelay, 1), result.Bits))]),
            ("worst twentieth", [.. tracing.OrderBy(result => result.PacketsPerDelay).Select(result => (Math.Round(result.PacketsPerDelay, 1), result.WorstBits))]),
        ]);
        return svg.ToString();
    }
}
