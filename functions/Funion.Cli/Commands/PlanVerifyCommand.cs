using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Verification;

namespace Funion.Cli.Commands;

/// <summary><c>funion plan verify</c>: what it costs to make a cheating server fail, and what that says of an answer.</summary>
static class PlanVerifyCommand
{
    public static Command Create()
    {
        Option<int> queries = new("--queries") { Description = "Queries that are checked together.", DefaultValueFactory = _ => 1 };
        Option<int> lambda = new("--lambda") { Description = "A server that cheats passes with a probability of at most 2^-λ.", DefaultValueFactory = _ => 20 };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("verify", "Copies and public samples that verified answers take.") { queries, lambda, json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            int r = parsed.GetValue(queries), bits = parsed.GetValue(lambda);
            if (r is < 1 or > VerificationPlan.MostQueries || bits is < 1 or > VerificationPlan.MostLambda)
            {
                return output.Error(ExitCode.Usage, $"--queries is a number up to {VerificationPlan.MostQueries}, --lambda one up to {VerificationPlan.MostLambda}.");
            }
            VerificationPlan plan = VerificationPlan.For(r, bits);
            output.Data(Line($"{plan.Runs} runs: {plan.Copies} copies of each of {r}, {plan.Samples} public samples; {plan.Overhead:F1} × one run a query"));
            output.Data(Line($"guaranteed: a server that answers any of them wrongly passes with probability 2^{plan.CheatingLog2:F2} at most, if it cannot tell them apart"));
            output.Data("not guaranteed: that a model which is wrong only on inputs unlike the public samples is noticed, nor that the model is a good one");
            output.Data(new JsonObject
            {
                ["copies"] = plan.Copies, ["public"] = plan.Samples, ["total"] = plan.Runs, ["overhead"] = Math.Round(plan.Overhead, 3),
                ["cheating_probability_log2"] = Math.Round(plan.CheatingLog2, 3),
            });
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
