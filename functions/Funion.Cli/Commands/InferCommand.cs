using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Cli.Verified;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary><c>funion infer MODEL INPUT</c></summary>
static class InferCommand
{
    public static Command Create()
    {
        Argument<string> model = new("MODEL") { Description = "Which model." };
        Argument<string[]> input = new("INPUT")
        {
            Description = ".png, .npy, .json (Open Inference Protocol tensors), or - for the same JSON on stdin; several with --verify.", Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string?> bucket = new("--bucket") { Description = "Latency bucket; default: the model's shortest." };
        Option<string> mode = AskingRequest.ModeOption(), channel = AskingRequest.ChannelOption(), timeout = CommonOptions.Timeout();
        Option<string?> network = CommonOptions.Network(), authorities = CommonOptions.Authorities(), invitation = CommonOptions.Invitation();
        Option<string?> trust = new("--trust") { Description = "For --mode enclave: what its evidence is held to." };
        Option<bool> simulator = new("--insecure-simulator") { Description = "For --mode enclave: take a simulated one, which protects nothing." };
        Option<string?> enclaveKey = new("--enclave-key") { Description = "For --mode enclave, where the policy names who may ask: your keys, by model asker. Questions are linked by them." };
        Option<int?> verify = VerifyOptions.LambdaOption();
        Option<int> labelled = VerifyOptions.LabelledOption();
        Option<string[]> samples = VerifyOptions.SamplesOption();
        Option<bool> later = VerifyOptions.LaterOption(), pending = VerifyOptions.PendingOption(), spread = VerifyOptions.SpreadOption(), json = Invocation.JsonOption();
        Command command = new("infer", "Ask a model.")
        {
            model, input, bucket, mode, channel, verify, labelled, samples, later, pending, spread, network, authorities, invitation, timeout, trust, simulator, enclaveKey, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (!Quantity.TryParseDuration(parsed.GetRequiredValue(timeout), out TimeSpan patience))
            {
                return output.Error(ExitCode.Usage, "--timeout takes a duration such as 5m.");
            }
            AskingRequest request = new()
            {
                Output = output, Model = parsed.GetRequiredValue(model), Mode = parsed.GetRequiredValue(mode), Channel = parsed.GetRequiredValue(channel),
                Network = parsed.GetValue(network), Authorities = parsed.GetValue(authorities), Invitation = parsed.GetValue(invitation), Trust = parsed.GetValue(trust),
                InsecureSimulator = parsed.GetValue(simulator), EnclaveKey = parsed.GetValue(enclaveKey),
            };
            bool isPatienceGiven = parsed.GetResult(timeout) is { Implicit: false };
            string[] inputs = parsed.GetValue(input) ?? [];
            if (parsed.GetValue(verify) is not { } lambda)
            {
                return inputs.Length == 1 && !parsed.GetValue(later) && !parsed.GetValue(pending) && !parsed.GetValue(spread)
                    ? await ClientErrors.RunAsync(
                        output, patience, (extend, token) => AskAsync(request with { Extend = isPatienceGiven ? null : extend }, inputs[0], parsed.GetValue(bucket), token), cancellation)
                    : output.Error(
                        ExitCode.Usage,
                        inputs.Length == 0 ? "Name an input." : inputs.Length > 1 ? "A question has one input, unless it is verified." : "--later, --pending and --spread go with --verify.",
                        inputs.Length == 0 ? "run: funion infer --help" : "such as --verify 20");
            }
            VerifyOptions options = new(
                lambda, parsed.GetValue(labelled), parsed.GetValue(samples) ?? [], parsed.GetValue(later), parsed.GetValue(pending), parsed.GetValue(spread));
            if (options.Problem(inputs.Length) is { } problem)
            {
                return output.Error(ExitCode.Usage, problem, "run: funion infer --help");
            }
            return await ClientErrors.RunAsync(
                output, isPatienceGiven ? patience : VerifiedInfer.Patience(options, inputs.Length),
                (extend, token) => VerifiedInfer.RunAsync(
                    request with { Extend = isPatienceGiven ? null : one => extend(VerifiedInfer.Patience(options, inputs.Length, one)) }, options, inputs,
                    parsed.GetValue(bucket), token),
                cancellation);
        });
        return command;
    }

    static async Task<int> AskAsync(AskingRequest request, string input, string? bucketText, CancellationToken cancellation)
    {
        (WayOfAsking? chosen, int code) = await WaysOfAsking.ChooseAsync(request, cancellation);
        if (chosen is null)
        {
            return code;
        }
        await using WayOfAsking way = chosen;
        if (await HomeLedger.SubstituteAsync(request.Output, way.Model, cancellation))
        {
            return HomeLedger.NotAsked(request.Output, way.Model);
        }
        (Question? question, code) = await Question.ReadAsync(request.Output, way, input, bucketText, cancellation);
        if (question is null)
        {
            return code;
        }
        await way.OpenAsync(question.Bucket, cancellation);
        way.Announce(1);
        StageClock clock = new();
        InferenceAnswer answer;
        using (ProgressLine line = new(request.Output))
        {
            answer = await way.AskAsync(
                question.Tensors,
                progress =>
                {
                    clock.Enter(progress.Stage);
                    line.Show(progress);
                },
                cancellation);
            clock.Enter("");
        }
        code = Report(request.Output, way, question.Bucket, answer, clock);
        await way.FinishAsync(cancellation);
        return code;
    }

    static int Report(Output output, WayOfAsking way, TimeSpan bucket, InferenceAnswer answer, StageClock clock)
    {
        if (answer.Failure is { } failure)
        {
            return output.Error(ExitCode.Failed, Sentence(failure), $"see what the model asks for with: funion models");
        }
        JsonObject result = AnswerJson.Of(way.Model, answer.Tensors!);
        string? label = (string?)result["label"];
        if (way.HasBuckets)
        {
            result["bucket_s"] = bucket.TotalSeconds;
        }
        result["seconds"] = new JsonObject(
            way.Stages.Select(stage => (stage, clock[stage])).Prepend(("total", clock.Total))
                .Select(one => KeyValuePair.Create(one.Item1, (JsonNode?)Math.Round(one.Item2.TotalSeconds, 3))));
        way.Describe(result);
        output.Data(result);
        output.Data(label ?? string.Join('\n', answer.Tensors!.Select(tensor => $"{tensor.Name} {tensor.Datatype.Name()} {AnswerJson.Shape(tensor)} {AnswerJson.Values(tensor).ToJsonString()}")));
        return (int)ExitCode.Ok;
    }

    static string Sentence(InferenceFailure failure) => failure switch
    {
        InferenceFailure.Malformed => "The compute service could not read the input.",
        InferenceFailure.WrongInput => "The input is not what the model asks for.",
        InferenceFailure.Oversized => "The result is larger than the model's public size.",
        InferenceFailure.Overrun => "The model did not finish within its public number of buckets.",
        _ => "The model failed on this input.",
    };
}
