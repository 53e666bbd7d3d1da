using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary><c>funion providers</c>: what verified answers have shown of each provider's models.</summary>
static class ProvidersCommand
{
    public static Command Create()
    {
        Option<bool> forget = new("--forget") { Description = "Begin anew with an empty ledger." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("providers", "What verified answers have shown of each provider.") { forget, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            if (parsed.GetValue(forget) && Directory.Exists(HomeLedger.Folder))
            {
                Directory.Delete(HomeLedger.Folder, recursive: true);
            }
            (LedgerOutcome outcome, IReadOnlyList<ProviderRecord> records) = await HomeLedger.ReadAsync(cancellation);
            if (outcome != LedgerOutcome.Done)
            {
                return HomeLedger.Error(output, outcome);
            }
            if (records.Count == 0)
            {
                output.Note("nothing is known of any provider: ask one with --verify");
            }
            foreach (ProviderRecord record in records)
            {
                output.Data(Line(record));
            }
            output.Data(new JsonArray([.. records.Select(Json)]));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    public static string Word(AccuracyVerdict verdict) => verdict switch
    {
        AccuracyVerdict.AsPromised => "as promised",
        AccuracyVerdict.Substitute => "substitute",
        _ => "undecided",
    };

    static string Line(ProviderRecord record) => string.Create(CultureInfo.InvariantCulture,
        $"{record.Provider.ToString()[..16]}\tmodel {record.Model.ToString()[..16]}\t{Word(record.Verdict)}\t{record.Rounds} rounds, {record.Aborted} aborted\t{record.Missed} of {record.Certified} certified missed\t{record.Right} of {record.Labelled} labels right\t{record.Unanswered} of {record.Asked} runs unanswered");

    static JsonObject Json(ProviderRecord record) => new()
    {
        ["provider"] = record.Provider.ToString(), ["model_sha256"] = record.Model.ToString(), ["verdict"] = Word(record.Verdict), ["rounds"] = record.Rounds,
        ["aborted"] = record.Aborted, ["asked"] = record.Asked, ["unanswered"] = record.Unanswered,
        ["certified"] = new JsonObject { ["asked"] = record.Certified, ["missed"] = record.Missed },
        ["labelled"] = new JsonObject { ["asked"] = record.Labelled, ["right"] = record.Right }, ["confirmed"] = record.Confirmed,
        ["evidence"] = Math.Round(record.Evidence, 3),
    };
}
