using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Inference;
using Funion.Network;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary>Verified answers in words and JSON, with what they promise and what they do not.</summary>
static class VerifiedReport
{
    public static JsonObject Answer(ModelEntry model, ReadOnlyMemory<byte> answer) => AnswerJson.Of(model, TensorCodec.TryParse(answer)!);

    public static string Line(ModelEntry model, ReadOnlyMemory<byte> answer)
    {
        IReadOnlyList<Tensor> tensors = TensorCodec.TryParse(answer)!;
        return AnswerJson.Label(model, tensors)
            ?? string.Join(' ', tensors.Select(tensor => $"{tensor.Name} {tensor.Datatype.Name()} {AnswerJson.Shape(tensor)} {AnswerJson.Values(tensor).ToJsonString()}"));
    }

    /// <summary>What a round promises. Rounds before this one that had the same queries were chances, too.</summary>
    public static JsonObject Json(VerificationPlan plan, VerifiedAnswer round, bool hidden, int attempts, Tolerance tolerance) => new()
    {
        ["lambda"] = plan.Lambda, ["queries"] = plan.Queries, ["copies"] = plan.Copies, ["public"] = plan.Samples, ["runs"] = plan.Runs + round.Labelled,
        ["cheating_probability_log2"] = Math.Round(Log2(plan, attempts), 3), ["against"] = hidden ? "any provider" : "a provider that does not compare inputs",
        ["slack"] = tolerance.Slack, ["labelled"] = round.Labelled, ["right"] = round.Correct,
    };

    /// <summary>In the order in which it matters to whoever reads the answer.</summary>
    public static void Explain(Output output, VerificationPlan plan, bool hidden, int attempts, Tolerance tolerance)
    {
        string bound = string.Create(CultureInfo.InvariantCulture, $"2^{Log2(plan, attempts):F1}");
        if (hidden)
        {
            output.Note($"verified: a provider that answers any of the questions wrongly passes with a probability of at most {bound}, whatever it does");
        }
        else
        {
            output.Note($"verified, weakly: another model, in all runs or in some that are picked blindly, passes with a probability of at most {bound}");
            output.Note("not promised: this mode shows the inputs, and who compares them finds the copies of a question in spite of their noise; hide them with --mode two-party");
        }
        if (tolerance.Slack > 0)
        {
            output.Note(string.Create(CultureInfo.InvariantCulture, $"not noticed: answers that are off by less than {tolerance.Slack:G3}, which the model's noise may be"));
        }
        output.Note("not noticed: a model that is wrong only on inputs unlike the samples");
    }

    static double Log2(VerificationPlan plan, int attempts) => Math.Min(0, plan.CheatingLog2 + Math.Log2(Math.Max(1, attempts)));
}
