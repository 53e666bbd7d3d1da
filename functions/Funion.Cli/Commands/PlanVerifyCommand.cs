using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Benches;
using Funion.Verification;

namespace Funion.Cli.Commands;

/// <summary><c>funion plan verify</c>: what it costs to make a cheating server fail, and what that says of an answer.</summary>
static class PlanVerifyCommand
{
    public static Command Create()
    {
        Option<int> queries = new("--queries") { Description = "Queries that are checked together.", DefaultValueFactory = _ => 1 };
        Option<int> lambda = new("--lambda") { Description = "A server that cheats passes with a probability of at most 2^-λ.", DefaultValueFactory = _ => 20 };
        Option<long> trials = new("--trials") { Description = "Play the game so often, too, and count how often a server passes." };
        Option<int?> copies = new("--copies") { Description = "Another plan than the cheapest: so many copies, with --public." }, samples = new("--public") { Description = "So many public samples." };
        Option<bool> asJson = Invocation.JsonOption();
        Command command = new("verify", "Copies and public samples that verified answers take.") { queries, lambda, copies, samples, trials, asJson };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(asJson);
            int r = parsed.GetValue(queries), bits = parsed.GetValue(lambda);
            if (r is < 1 or > VerificationPlan.MostQueries || bits is < 1 or > VerificationPlan.MostLambda)
            {
                return output.Error(ExitCode.Usage, $"--queries is a number up to {VerificationPlan.MostQueries}, --lambda one up to {VerificationPlan.MostLambda}.");
            }
            int? b = parsed.GetValue(copies), t = parsed.GetValue(samples);
            if (b is null != t is null || b is < 1 or > 1_024 || t is < 0 or > 1_024 || parsed.GetValue(trials) is < 0 or > 1_000_000_000_000 || (long)r * (b ?? 1) > CheatingBound.Most / 2)
            {
                return output.Error(ExitCode.Usage, "--copies and --public go together, each up to 1024; --trials is up to 10^12.");
            }
            VerificationPlan plan = b is null ? VerificationPlan.For(r, bits) : new VerificationPlan(r, b.Value, t!.Value, bits);
            output.Data(Line($"{plan.Runs} runs: {plan.Copies} copies of each of {r}, {plan.Samples} public samples; {plan.Overhead:F1} × one run a query"));
            output.Data(Line($"guaranteed: a server that answers any of them wrongly passes with probability 2^{plan.CheatingLog2:F2} at most, if it cannot tell them apart"));
            output.Data("not guaranteed: that a model which is wrong only on inputs unlike the public samples is noticed, nor that the model is a good one");
            JsonObject json = new()
            {
                ["copies"] = plan.Copies, ["public"] = plan.Samples, ["total"] = plan.Runs, ["overhead"] = Math.Round(plan.Overhead, 3),
                ["cheating_probability_log2"] = Math.Round(plan.CheatingLog2, 3),
            };
            if (parsed.GetValue(trials) is > 0 and var played)
            {
                json["trials"] = SurvivalBench.Run(output, plan, played);
            }
            output.Data(json);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
