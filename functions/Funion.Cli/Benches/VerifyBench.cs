using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Cli.Verified;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Verification;

namespace Funion.Cli.Benches;

/// <summary><c>funion bench verify</c>: what a verified question costs beside one that is not, on the sample model without a network, against the plan.</summary>
static class VerifyBench
{
    const int Repeats = 31;

    public static Command Create()
    {
        Option<int> lambda = new("--lambda") { Description = "A server that cheats passes with a probability of at most 2^-λ.", DefaultValueFactory = _ => 20 };
        Option<string> mode = new("--mode") { Description = "Whose arithmetic: plain, floating point and noise; two-party, the integer network, exact.", DefaultValueFactory = _ => AskingRequest.Plain };
        mode.AcceptOnlyFromAmong(AskingRequest.Plain, AskingRequest.TwoParty);
        Option<bool> json = Invocation.JsonOption();
        Command command = new("verify", "Cost of a verified question for 1, 16, 64 and 128 at once, beside a question alone in the same run.") { lambda, mode, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (parsed.GetValue(lambda) is not (>= 1 and <= 40 and var bits))
            {
                return output.Error(ExitCode.Usage, "--lambda is 1 to 40 here.");
            }
            using ModelRunner runner = ModelRunner.Load(DigitModel.File());
            Func<byte[][], byte[][]>? exact = parsed.GetRequiredValue(mode) == AskingRequest.TwoParty ? ExactRuns.Of(runner, DigitModel.Name) : null;
            JsonArray rows = [];
            foreach (int queries in (int[])[1, 16, 64, 128])
            {
                rows.Add(await RunAsync(output, runner, exact, VerificationPlan.For(queries, bits), cancellation));
            }
            output.Data(rows);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    static double Median(List<double> times) => times.Skip(1).Order().ElementAt(Repeats / 2);

    static async Task<JsonObject> RunAsync(Output output, ModelRunner runner, Func<byte[][], byte[][]>? exact, VerificationPlan plan, CancellationToken cancellation)
    {
        SamplePool pool = exact is null
            ? DigitSamples.Make(runner, plan.Samples + 16, plan.Queries)
            : DigitSamples.Make(runner.Sha256, SampleForm.TwoParty, exact, plan.Samples + 16, plan.Queries);
        ReadOnlyMemory<byte>[] queries = [.. pool.Labelled.Select(sample => sample.Input)];
        int asked = 0;
        VerifiedQuestion question = new()
        {
            Plan = plan, Queries = queries, Integrity = [.. pool.Certified.Take(plan.Samples).Select(sample => (sample.Input, sample.Output, pool.Tolerance.Slack))], Tolerance = pool.Tolerance,
        };
        // As many runs as the round has, in turn with it, so that neither is measured better; medians, the first of each is to warm up.
        List<double> alones = [], rounds = [];
        for (int repeat = 0; repeat <= Repeats; repeat++)
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < plan.Runs; i++)
            {
                await AskAsync(0, queries[i % queries.Length], cancellation);
            }
            alones.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds / plan.Runs);
            asked = 0;
            began = Stopwatch.GetTimestamp();
            VerifiedAnswer answer = await MixAndCheck.RunAsync(question, AskAsync, cancellation);
            rounds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds / plan.Queries);
            if (answer.Outputs is null)
            {
                throw new InvalidOperationException("The model does not keep the tolerance that was stated of it.");
            }
        }
        double alone = Median(alones), verified = Median(rounds);
        output.Data(string.Create(CultureInfo.InvariantCulture,
            $"{plan.Queries} questions, {plan.Copies} copies, {plan.Samples} samples: {asked} runs, {(double)asked / plan.Queries:F2} a question (plan {plan.Overhead:F2}); {verified:F2} ms a question, {verified / alone:F2} × one alone ({alone:F3} ms)"));
        return new JsonObject
        {
            ["queries"] = plan.Queries, ["copies"] = plan.Copies, ["public"] = plan.Samples, ["runs"] = asked, ["plan_overhead"] = Math.Round(plan.Overhead, 3),
            ["runs_overhead"] = Math.Round((double)asked / plan.Queries, 3), ["time_overhead"] = Math.Round(verified / alone, 3), ["alone_ms"] = Math.Round(alone, 4),
            ["verified_ms"] = Math.Round(verified, 4),
        };

        Task<ReadOnlyMemory<byte>?> AskAsync(int provider, ReadOnlyMemory<byte> input, CancellationToken token)
        {
            asked++;
            return Task.FromResult(exact is not null ? exact([input.ToArray()])[0] : InferenceAnswer.TryParse(runner.Run([input])[0])?.Tensors is { } tensors ? TensorCodec.Encode(tensors) : (ReadOnlyMemory<byte>?)null);
        }
    }
}
