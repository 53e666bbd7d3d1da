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

    /// <summary>
    /// All that became of a round, in one value: confirmed answers whatever became of others, names of questions that were refused, and of those of which nothing is known
    /// because answers are missing. A single question that was confirmed is its answer.
    /// </summary>
    public static JsonObject Of(
        ModelEntry model, IReadOnlyList<PendingQuery> confirmed, IReadOnlyList<PendingQuery> refused, IReadOnlyList<PendingQuery> incomplete, bool single, JsonObject? verified,
        Tolerance tolerance)
    {
        JsonArray answers = [.. confirmed.Select(query =>
        {
            JsonObject answer = Confirmed(query);
            answer["input"] = query.Name;
            return answer;
        })];
        JsonObject result = single && confirmed.Count == 1 ? Confirmed(confirmed[0]) : new JsonObject
        {
            ["model"] = model.Name, ["answers"] = answers, ["refused"] = Names(refused), ["incomplete"] = Names(incomplete),
        };
        if (verified is not null)
        {
            result["verified"] = verified;
        }
        return result;

        JsonObject Confirmed(PendingQuery query)
        {
            JsonObject answer = Answer(model, query.Answer);
            if (Doubt(query.Answer, tolerance) is not null)
            {
                answer["label_uncertain"] = true;
            }
            return answer;
        }
    }

    /// <summary>What a round promises. Rounds before this one that had the same queries were chances, too.</summary>
    public static JsonObject Json(VerificationPlan plan, VerifiedAnswer round, bool hidden, int attempts, Tolerance tolerance) => new()
    {
        ["lambda"] = plan.Lambda, ["queries"] = plan.Queries, ["copies"] = plan.Copies, ["public"] = plan.Samples, ["runs"] = plan.Runs + round.Labelled,
        ["attempts"] = attempts, ["cheating_probability_log2"] = Math.Round(Log2(plan, attempts), 3), ["against"] = hidden ? "any provider" : "a provider that does not compare inputs",
        ["slack"] = tolerance.Slack, ["most_error"] = tolerance.MostError, ["labelled"] = round.Labelled, ["right"] = round.Correct,
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
        if (attempts > 1)
        {
            output.Note($"counted in: some of the questions were in {attempts} rounds, each of which was a chance");
        }
        if (tolerance.Slack > 0)
        {
            output.Note(string.Create(CultureInfo.InvariantCulture, $"not noticed: answers that are off by up to {tolerance.MostError:G3}; the model's own move by up to {tolerance.Slack:G3} under noise"));
        }
        output.Note("not noticed: a model that is wrong only on inputs unlike the samples");
    }

    /// <summary>How far a label leads, when that is so little that what is not noticed could have changed it; null: it could not.</summary>
    public static double? Doubt(ReadOnlyMemory<byte> answer, Tolerance tolerance) =>
        tolerance.Slack > 0 && Labels.Margin(answer) is { } margin && margin <= 2 * tolerance.MostError ? margin : null;

    /// <summary>The name as a terminal may show it: whoever named a file is not always who reads its name.</summary>
    public static string Shown(string name) => string.Concat(name.Select(character => char.IsControl(character) ? '?' : character));

    static JsonArray Names(IReadOnlyList<PendingQuery> queries) => [.. queries.Select(query => JsonValue.Create(query.Name))];

    static double Log2(VerificationPlan plan, int attempts) => Math.Min(0, plan.CheatingLog2 + Math.Log2(Math.Max(1, attempts)));
}
