using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Anonymity.Games;
using Funion.Cli.Console;

namespace Funion.Cli.Anonymity;

/// <summary>
/// <c>funion bench anonymity</c>: what the best distinguisher makes of each game, with protection and without; who wins together; what tracing one packet leaves
/// open; which attacks are noticed. JSON carries the games.
/// </summary>
static class AnonymityBench
{
    const string Attacks = "attack", Tracings = "tracing";

    /// <summary>Rounds for a point of the picture.</summary>
    const int PictureRounds = 2_000;

    /// <summary>Above this interval's lower end a coalition has won, below this upper end it has not.</summary>
    const double Win = 0.05;

    public static Command Create()
    {
        Option<int> rounds = new("--rounds") { Description = "Held-out rounds of each game; half as many more to train on.", DefaultValueFactory = _ => 10_000 };
        Option<string?> only = new("--game") { Description = "Only games whose name begins like this; or 'tracing', which draws too, or 'attack'." };
        Option<FileInfo?> svg = new("--svg") { Description = "Draws advantage against mean delay and cover, and entropy against λ/μ, into this file." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("anonymity", "Adversary games in virtual time: advantage over a coin, with protection and without.") { rounds, only, svg, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            int heldOut = parsed.GetValue(rounds);
            if (heldOut < 100)
            {
                return output.Error(ExitCode.Usage, "--rounds takes a number of 100 or more.");
            }
            if (parsed.GetValue(only) is { Length: > 0 } name && name is not (Attacks or Tracings) && !Games.Any(game => game.Name.StartsWith(name, StringComparison.Ordinal)))
            {
                return output.Error(
                    ExitCode.Usage, $"There is no game whose name begins with '{name}'.",
                    $"there are: {string.Join("; ", Games.Select(game => game.Name).Append(Tracings).Append(Attacks).Distinct())}");
            }
            return await RunAsync(output, heldOut, parsed.GetValue(only) ?? "", parsed.GetValue(svg), cancellation);
        });
        return command;
    }

    static IEnumerable<Game> Games => [.. Catalogue.Promised, .. Catalogue.Wider, .. Catalogue.Collusion];

    static async Task<int> RunAsync(Output output, int heldOut, string prefix, FileInfo? svg, CancellationToken cancellation)
    {
        JsonArray rows = [];
        Play("What an observer of the wires is up against", Catalogue.Promised, heldOut, prefix, output, rows, cancellation);
        Play("Who sees more than wires", Catalogue.Wider, heldOut, prefix, output, rows, cancellation);
        Play("Who works together", Catalogue.Collusion, heldOut, prefix, output, rows, cancellation);
        if (prefix is "" or Attacks)
        {
            Attack(heldOut, output, cancellation);
        }
        if (prefix is "" or Tracings)
        {
            IReadOnlyList<TracingResult> tracing = Trace(heldOut, output);
            if (svg is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, Picture.Draw(Math.Min(heldOut, PictureRounds), tracing, output.Note), cancellation);
            }
        }
        output.Data(rows);
        return (int)ExitCode.Ok;
    }

    static void Play(
        string title, IReadOnlyList<Game> games, int heldOut, string prefix, Output output, JsonArray rows, CancellationToken cancellation)
    {
        Game[] chosen = [.. games.Where(game => game.Name.StartsWith(prefix, StringComparison.Ordinal))];
        if (chosen.Length > 0)
        {
            output.Data($"\n{title,-46} protect. rounds  advantage, 95 %");
        }
        foreach (Game game in chosen)
        {
            foreach (bool protection in game.Control is null ? (bool[])[true] : [true, false])
            {
                cancellation.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                GameResult result = Match.Play(game, protection, heldOut);
                rows.Add(Json(result));
                output.Data(Line(result));
                output.Note(Invariant($"{Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s; {game.Question}; seen: {game.View}; by {result.Distinguisher}"));
            }
        }
    }

    static IReadOnlyList<TracingResult> Trace(int heldOut, Output output)
    {
        output.Data("\nTracing one packet   clients  mean delay  λ/μ at a mix  entropy, bits  worst twentieth");
        List<TracingResult> results = [];
        foreach ((int clients, int delay) in ((int, int)[])[(2, 50), (2, 200), (20, 200), (20, 1_000), (100, 1_000)])
        {
            TracingResult result = Tracing.Trace(clients, delay, Math.Min(500, heldOut));
            results.Add(result);
            output.Data(Invariant($"{"",-20} {clients,8} {delay,8} ms {result.PacketsPerDelay,13:F1} {result.Bits,14:F2} {result.WorstBits,16:F2}"));
        }
        return results;
    }

    static void Attack(int heldOut, Output output, CancellationToken cancellation)
    {
        output.Data("\nActive attacks                           a client's own loops             loops that nodes publish         destroyed confirmed damaged resent");
        foreach (ActiveAttack attack in ActiveAttack.All)
        {
            cancellation.ThrowIfCancellationRequested();
            ActiveAttackResult result = attack.Run(Math.Clamp(heldOut / 500, 2, 20));
            output.Data(Invariant(
                $"{result.Attack,-40} {Noticed(result.ClientNoticed, result.Runs, result.ClientLoops, result.ClientMost, result.ClientSeconds),-32} {Noticed(result.NodesNoticed, result.Runs, result.NodeLoops, result.NodesMost, result.NodeSeconds),-32} {result.Destroyed,9} {result.Confirmed,9} {result.Damaged,7} {result.Resent,6}"));
        }
    }

    static string Noticed(int noticed, int runs, double loops, double most, double seconds) => noticed == 0
        ? "not noticed"
        : double.IsInfinity(loops) ? $"in {noticed} of {runs} runs" : Invariant($"{noticed} of {runs}: {loops:F0} loops (≤ {most:F0}), {seconds:F0} s");

    static JsonObject Json(GameResult result) => new()
    {
        ["game"] = result.Game, ["protection"] = result.Protection ? "on" : "off", ["rounds"] = result.Rounds,
        ["advantage"] = Math.Round(result.Advantage.Value, 4), ["low"] = Math.Round(result.Advantage.Low, 4), ["high"] = Math.Round(result.Advantage.High, 4),
    };

    static string Line(GameResult result)
    {
        string verdict = result.Advantage.High < Win ? "holds" : result.Advantage.Low > Win ? "loses" : "open";
        return Invariant(
            $"{result.Game,-46} {(result.Protection ? "on" : "off"),-8} {result.Rounds,6}  {result.Advantage.Value:F3} [{result.Advantage.Low:F3}, {result.Advantage.High:F3}]  {verdict}");
    }

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
