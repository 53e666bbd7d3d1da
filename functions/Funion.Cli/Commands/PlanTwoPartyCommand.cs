using System.CommandLine;
using System.Globalization;
using Funion.Cli.Console;
using Funion.Cli.Planning;
using Funion.Cli.TwoParty;
using Funion.Models;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Private.Planning;
using Funion.Private.Serving;

namespace Funion.Cli.Commands;

/// <summary><c>funion plan two-party</c>: which activations become quadratic, what that saves, and what it does to the answers.</summary>
static class PlanTwoPartyCommand
{
    public static Command Create()
    {
        Argument<string?> model = new("MODEL") { Description = "digits, or an ONNX file with its samples beside it.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> net = new("--net") { Description = "digits, minionn or resnet32 in place of MODEL: the latter two with random weights, for what they cost." };
        net.AcceptOnlyFromAmong("digits", "minionn", "resnet32");
        Option<long?> bytes = new("--bytes") { Description = "Most bytes of one question, both phases." };
        Option<double?> seconds = new("--seconds") { Description = "Most seconds of one question, both phases." };
        Option<int?> rounds = new("--rounds") { Description = "Most rounds of one question, both phases." };
        Option<double?> accuracy = new("--accuracy") { Description = "Least share of right answers, 0 to 1; for models of drawn digits." };
        Option<string> bandwidth = new("--bandwidth") { Description = "Of the line between the parties.", DefaultValueFactory = _ => "1Gbit/s" };
        Option<string> rtt = new("--rtt") { Description = "Its round trip.", DefaultValueFactory = _ => "10ms" };
        Option<bool> train = new("--train") { Description = "Train each exchanged network on, on digits that this program draws." };
        Option<int> steps = new("--steps") { Description = "Of training, 32 pictures each.", DefaultValueFactory = _ => 400 };
        Option<string?> svg = new("--svg") { Description = "Write a picture of the front." };
        Option<string?> file = new("--out") { Description = "Write the chosen network as ONNX, its samples beside it." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("two-party", "Which activations of a network become quadratic under a budget, and what it costs then.")
        {
            model, net, bytes, seconds, rounds, accuracy, bandwidth, rtt, train, steps, svg, file, json,
        };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            PlanBudget budget = new(parsed.GetValue(bytes), parsed.GetValue(seconds), parsed.GetValue(rounds), parsed.GetValue(accuracy));
            if (!LineSpeed.TryParse(parsed.GetRequiredValue(bandwidth), out double speed) || !Quantity.TryParseDuration(parsed.GetRequiredValue(rtt), out TimeSpan trip)
                || budget is not { Bytes: null or > 0, Seconds: null or > 0, Rounds: null or > 0, Accuracy: null or (>= 0 and <= 1) }
                || parsed.GetValue(steps) is < 1 or > 100_000)
            {
                return output.Error(
                    ExitCode.Usage, "--bytes, --seconds, --rounds and --steps take numbers above 0, --accuracy one from 0 to 1, --bandwidth a speed such as 100Mbit/s, --rtt a duration.");
            }
            if (parsed.GetValue(model) is null == parsed.GetValue(net) is null)
            {
                return output.Error(ExitCode.Usage, "It takes either MODEL or --net.", "funion plan two-party digits --train");
            }
            try
            {
                if (PlannedModel.Load(parsed.GetValue(net) ?? parsed.GetValue(model)!, parsed.GetValue(net) is not null, out string problem) is not { } loaded)
                {
                    return output.Error(ExitCode.NoSuchModel, problem);
                }
                if (!loaded.IsDigits && (parsed.GetValue(train) || budget.Accuracy is not null))
                {
                    return output.Error(
                        ExitCode.Usage, "There are labelled pictures for models of drawn digits only: --train and --accuracy are for those.", "28 × 28 pictures to ten classes, as 'digits' is");
                }
                return Run(output, loaded, budget, speed, trip, parsed.GetValue(train) ? parsed.GetValue(steps) : 0, parsed.GetValue(svg), parsed.GetValue(file));
            }
            catch (Exception error) when (error is ModelException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                return output.Error(ExitCode.Failed, error.Message);
            }
        });
        return command;
    }

    static int Run(Output output, PlannedModel model, PlanBudget budget, double speed, TimeSpan trip, int steps, string? svg, string? file)
    {
        KernelTimes times = KernelTimes.Measure(DirectAsking.Transfer);
        ActivationPlanner planner = new(model.Network, model.Samples, new CostModel(times, DirectAsking.Transfer, speed, trip));
        List<PlannedSet> sets = [];
        foreach (PlannedSet set in planner.Search(budget))
        {
            sets.Add(model.IsDigits ? model.Judged(planner, set, steps) : set);
            if (steps > 0)
            {
                output.Note(string.Create(CultureInfo.InvariantCulture, $"{PlanTwoPartyReport.Name(set.Set)}: {sets[^1].Accuracy:P1} right"));
            }
        }
        IReadOnlyList<PlannedSet> front = ActivationPlanner.Front(sets, budget);
        // Not of the front alone: what another one beats by price may be all that keeps to a second bound.
        PlannedSet? chosen = ActivationPlanner.Choose(sets, budget);
        PlanTwoPartyReport report = new(model, planner, sets, front, chosen, budget);
        report.Show(output, times, speed, trip);
        if (svg is not null)
        {
            File.WriteAllText(svg, report.Picture());
        }
        if (chosen is null)
        {
            output.Note("nothing that was looked at is within the budget");
            return (int)ExitCode.Failed;
        }
        if (file is not null)
        {
            File.WriteAllBytes(file, NetworkWriter.ToBytes(chosen.Network, model.Input, model.Output, model.IsPicture));
            int[] shape = model.IsPicture ? [model.Samples.Count, model.Network.Input.Channels, model.Network.Input.Height, model.Network.Input.Width]
                : [model.Samples.Count, model.Network.Input.Count];
            File.WriteAllBytes(PrivateModels.SamplesOf(file), Npy.Write(shape, [.. model.Samples.SelectMany(sample => sample)]));
        }
        return (int)ExitCode.Ok;
    }
}
