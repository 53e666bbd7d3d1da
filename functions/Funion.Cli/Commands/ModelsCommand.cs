using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary><c>funion models</c>: what can be asked.</summary>
static class ModelsCommand
{
    public static Command Create()
    {
        Option<string?> network = CommonOptions.Network(), authorities = CommonOptions.Authorities();
        Option<bool> json = Invocation.JsonOption();
        Command command = new("models", "What can be asked.") { network, authorities, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            (NetworkDocument? document, int code) = await CommonOptions.OpenAsync(
                output, parsed.GetValue(network), parsed.GetValue(authorities), cancellation);
            if (document is null)
            {
                return code;
            }
            ModelEntry[] models = [.. document.Models.Where(model => !document.IsCarrier(model))];
            foreach (ModelEntry model in models)
            {
                output.Data($"{model.Name}\t{Specs(model.Inputs)} → {Specs(model.Outputs)}\tbuckets {Buckets(model)}\tmodes {string.Join(", ", Modes(document, model))}");
            }
            output.Data(Json(document));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>What can be asked, as <c>models --json</c> and a status have it. Entries that carry another one's questions are nobody's business but the document's.</summary>
    public static JsonArray Json(NetworkDocument document) =>
        new([.. document.Models.Where(model => !document.IsCarrier(model)).Select(model => (JsonNode)Json(document, model))]);

    static JsonObject Json(NetworkDocument document, ModelEntry model) => new()
    {
        ["name"] = model.Name, ["compute"] = model.Compute.ToString(), ["sha256"] = model.Sha256, ["batch"] = model.Batch, ["input_boxes"] = model.InputBoxes, ["output_boxes"] = model.OutputBoxes,
        ["buckets_s"] = new JsonArray([.. model.BucketsMilliseconds.Select(bucket => JsonValue.Create(bucket / 1000.0))]),
        ["inputs"] = Json(model.Inputs), ["outputs"] = Json(model.Outputs),
        ["labels"] = new JsonArray([.. (model.Labels ?? []).Select(label => JsonValue.Create(label))]),
        ["modes"] = new JsonArray([.. Modes(document, model).Select(mode => JsonValue.Create(mode))]),
    };

    /// <summary>What <c>infer --mode</c> takes for it, with the channels of the two-party mode.</summary>
    static IEnumerable<string> Modes(NetworkDocument document, ModelEntry model)
    {
        if (!document.IsHidden(model))
        {
            yield return AskingRequest.Plain;
        }
        if (model.TwoParty is not null)
        {
            yield return $"{AskingRequest.TwoParty} ({(document.Model(TwoPartyEntry.JobsOf(model.Name)) is null ? "" : "anonymous, ")}direct)";
        }
        if (model.Enclave is not null)
        {
            yield return AskingRequest.Enclave;
        }
    }

    static JsonArray Json(IReadOnlyList<TensorSpec> specs) => new([.. specs.Select(spec => new JsonObject
    {
        ["name"] = spec.Name, ["datatype"] = spec.Datatype, ["shape"] = new JsonArray([.. spec.Shape.Select(dimension => JsonValue.Create(dimension))]),
    })]);

    static string Specs(IReadOnlyList<TensorSpec> specs) =>
        string.Join(", ", specs.Select(spec => $"{spec.Name} {spec.Datatype} [{string.Join(',', spec.Shape)}]"));

    static string Buckets(ModelEntry model) => string.Join(", ", model.BucketsMilliseconds.Select(bucket => $"{bucket / 1000.0} s"));
}
