using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Anonymity.Games;
using Funion.Cli.Console;

namespace Funion.Cli.Anonymity;

/// <summary><c>funion bench anonymity</c>: what the best distinguisher makes of each game, with protection and without.</summary>
static class AnonymityBench
{
    public static Command Create()
    {
        Option<int> rounds = new("--rounds") { Description = "Held-out rounds of each game; half as many more to train on.", DefaultValueFactory = _ => 10_000 };
        Option<string?> only = new("--game") { Description = "Only games whose name begins like this." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("anonymity", "Adversary games in virtual time: advantage over a coin, with protection and without.") { rounds, only, json };
        command.SetAction((parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            int heldOut = parsed.GetValue(rounds);
            if (heldOut < 100)
            {
                return Task.FromResult(output.Error(ExitCode.Usage, "--rounds takes a number of 100 or more."));
            }
            string prefix = parsed.GetValue(only) ?? "";
            JsonArray rows = [];
            foreach (Game game in Catalogue.Promised.Concat(Catalogue.Wider).Where(game => game.Name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                foreach (bool protection in game.Control is null ? (bool[])[true] : [true, false])
                {
                    cancellation.ThrowIfCancellationRequested();
                    long start = System.Diagnostics.Stopwatch.GetTimestamp();
                    GameResult result = Match.Play(game, protection, heldOut);
                    rows.Add(Json(result));
                    output.Data(Line(result));
                    output.Note($"{System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s, {result.Distinguisher}");
                }
            }
            output.Data(rows);
            return Task.FromResult((int)ExitCode.Ok);
        });
        return command;
    }

    static JsonObject Json(GameResult result) => new()
    {
        ["game"] = result.Game, ["protection"] = result.Protection ? "on" : "off", ["rounds"] = result.Rounds,
        ["advantage"] = Math.Round(result.Advantage.Value, 4), ["low"] = Math.Round(result.Advantage.Low, 4), ["high"] = Math.Round(result.Advantage.High, 4),
    };

    static string Line(GameResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Game,-34} {(result.Protection ? "on" : "off"),-4} {result.Rounds,6}  {result.Advantage.Value:F3}  [{result.Advantage.Low:F3}, {result.Advantage.High:F3}]");
}
