using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Issuing;
using Funion.Cli.Network;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary><c>funion infer MODEL INPUT</c></summary>
static class InferCommand
{
    public static Command Create()
    {
        Argument<string> model = new("MODEL") { Description = "Which model." };
        Argument<string> input = new("INPUT") { Description = ".png, .npy, .json (Open Inference Protocol tensors), or - for the same JSON on stdin." };
        Option<string?> bucket = new("--bucket") { Description = "Latency bucket; default: the model's shortest." };
        Option<string?> network = CommonOptions.Network(), authorities = CommonOptions.Authorities(), invitation = CommonOptions.Invitation();
        Option<string> timeout = CommonOptions.Timeout();
        Option<bool> json = Invocation.JsonOption();
        Command command = new("infer", "Ask a model.") { model, input, bucket, network, authorities, invitation, timeout, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (!Quantity.TryParseDuration(parsed.GetRequiredValue(timeout), out TimeSpan patience))
            {
                return output.Error(ExitCode.Usage, "--timeout takes a duration such as 5m.");
            }
            string name = parsed.GetRequiredValue(model), file = parsed.GetRequiredValue(input);
            using ServeLink? link = parsed.GetValue(network) is null ? await ServeLink.FindAsync(cancellation) : null;
            if (link is not null)
            {
                output.Note($"through the running serve at {link.Address}");
                return await ClientErrors.RunAsync(
                    output, patience, token => AskThroughAsync(output, link, name, file, parsed.GetValue(bucket), token), cancellation);
            }
            (NetworkDocument? document, int code) = await CommonOptions.OpenAsync(
                output, parsed.GetValue(network), parsed.GetValue(authorities), cancellation);
            return document is null ? code : await ClientErrors.RunAsync(
                output, patience,
                token => AskAsync(
                    output, document, options => Invitations.With(options, output, document, parsed.GetValue(invitation), parsed.GetValue(network)), name, file,
                    parsed.GetValue(bucket), token), cancellation);
        });
        return command;
    }

    static async Task<int> AskThroughAsync(
        Output output, ServeLink link, string model, string input, string? bucketText, CancellationToken cancellation)
    {
        (Question? question, int code) = await Question.ReadAsync(output, await link.FindModelAsync(model, cancellation), model, input, bucketText, cancellation);
        if (question is null)
        {
            return code;
        }
        StageClock clock = new();
        clock.Enter("wait");
        IReadOnlyList<Tensor> answer = await link.InferAsync(model, question.Tensors, question.Bucket, cancellation);
        clock.Enter("");
        return Report(output, question.Model, question.Bucket, new InferenceAnswer(answer, null), clock, null);
    }

    static async Task<int> AskAsync(
        Output output, NetworkDocument document, Func<SessionOptions, SessionOptions> paying, string model, string input, string? bucketText,
        CancellationToken cancellation)
    {
        (Question? question, int badInput) = await Question.ReadAsync(output, document.Model(model), model, input, bucketText, cancellation);
        if (question is null)
        {
            return badInput;
        }
        output.Note("working alone: going online only to ask shows when you ask; an always-on client is: funion serve");
        using Leftovers? leftovers = FunionHome.OpenLeftovers(document);
        await using FunionSession session = await FunionSession.OpenAsync(
            document, paying(new SessionOptions { Leftovers = leftovers, Gateway = GatewayChoice.For(document) }), cancellation);
        _ = session.Client.ClearLeftoversAsync();
        await session.FillWalletAsync(cancellation);
        using ProgressLine line = new(output);
        StageClock clock = new();
        InferenceAnswer answer = await session.Client.InferAsync(model, question.Tensors, question.Bucket, progress =>
        {
            clock.Enter(progress.Stage);
            line.Show(progress);
        }, null, cancellation);
        clock.Enter("");
        line.Dispose();
        int code = Report(output, question.Model, question.Bucket, answer, clock, session.Mixnet.Statistics);
        if (leftovers is null)
        {
            // Nobody else could delete it.
            await session.Client.Cleanup.WaitAsync(FunionClient.ForgottenWithin(document) + TimeSpan.FromMinutes(1), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else
        {
            // Input and output are deleted minutes apart, or both times together would name them. Whoever stays online does that.
            output.Note("what was asked is deleted by a funion that stays online (funion serve), or goes with the replicas' epoch");
        }
        return code;
    }

    static int Report(Output output, ModelEntry entry, TimeSpan bucket, InferenceAnswer answer, StageClock clock, LoopStatistics? statistics)
    {
        if (answer.Failure is { } failure)
        {
            return output.Error(ExitCode.Failed, Sentence(failure), $"see what the model asks for with: funion models");
        }
        JsonObject result = AnswerJson.Of(entry, answer.Tensors!);
        string? label = (string?)result["label"];
        result["bucket_s"] = bucket.TotalSeconds;
        result["seconds"] = new JsonObject
        {
            ["total"] = Math.Round(clock.Total.TotalSeconds, 3), ["upload"] = Seconds("upload"), ["wait"] = Seconds("wait"), ["read"] = Seconds("read"),
        };
        if (statistics is not null)
        {
            result["packets"] = new JsonObject { ["sent"] = statistics.PacketsSent, ["received"] = statistics.RepliesReceived };
        }
        output.Data(result);
        output.Data(label ?? string.Join('\n', answer.Tensors!.Select(tensor => $"{tensor.Name} {tensor.Datatype.Name()} {AnswerJson.Shape(tensor)} {AnswerJson.Values(tensor).ToJsonString()}")));
        return (int)ExitCode.Ok;

        double Seconds(string stage) => Math.Round(clock[stage].TotalSeconds, 3);
    }

    static string Sentence(InferenceFailure failure) => failure switch
    {
        InferenceFailure.Malformed => "The compute service could not read the input.",
        InferenceFailure.WrongInput => "The input is not what the model asks for.",
        InferenceFailure.Oversized => "The result is larger than the model's public size.",
        InferenceFailure.Overrun => "The model did not finish within its public number of buckets.",
        _ => "The model failed on this input.",
    };

    sealed class StageClock
    {
        readonly Dictionary<string, TimeSpan> _stages = [];
        readonly long _start = Stopwatch.GetTimestamp();
        string _stage = "";
        long _entered = Stopwatch.GetTimestamp();

        public TimeSpan Total => Stopwatch.GetElapsedTime(_start);

        public TimeSpan this[string stage] => _stages.GetValueOrDefault(stage);

        public void Enter(string stage)
        {
            long now = Stopwatch.GetTimestamp();
            _stages[_stage] = this[_stage] + Stopwatch.GetElapsedTime(_entered, now);
            (_stage, _entered) = (stage, now);
        }
    }
}
