using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary><c>funion providers</c>: what verified answers have shown of each provider's models.</summary>
static class ProvidersCommand
{
    /// <summary>Hex digits of a provider that name it well enough.</summary>
    const int LeastDigits = 8;

    public static Command Create()
    {
        Option<string?> forget = new("--forget") { Description = "Forget one provider, by the beginning of its id; 'all': begin anew." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("providers", "What verified answers have shown of each provider.") { forget, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            string? one = parsed.GetValue(forget);
            if (one is not null && await ForgetAsync(output, one, cancellation) is { } problem)
            {
                return problem;
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

    /// <summary>The exit code of what went wrong; null: it is forgotten.</summary>
    static async Task<int?> ForgetAsync(Output output, string one, CancellationToken cancellation)
    {
        if (one == "all")
        {
            if (Directory.Exists(HomeLedger.Folder))
            {
                Directory.Delete(HomeLedger.Folder, recursive: true);
            }
            return null;
        }
        (LedgerOutcome outcome, IReadOnlyList<ProviderRecord> records) = await HomeLedger.ReadAsync(cancellation);
        Bytes32[] meant = [.. records.Select(record => record.Provider).Distinct().Where(provider => provider.ToString().StartsWith(one, StringComparison.OrdinalIgnoreCase))];
        if (outcome == LedgerOutcome.Done && (one.Length < LeastDigits || meant.Length != 1))
        {
            return output.Error(
                ExitCode.Usage, one.Length < LeastDigits ? $"A provider is named by {LeastDigits} hex digits of its id at least." : $"{meant.Length} providers are known whose id begins with {one}.",
                "see their ids with: funion providers --json");
        }
        outcome = outcome == LedgerOutcome.Done ? await HomeLedger.ChangeAsync(ledger => ledger.TryForget(record => record.Provider == meant[0]), cancellation) : outcome;
        return outcome == LedgerOutcome.Done ? null : HomeLedger.Error(output, outcome);
    }

    static long Unended(ProviderRecord record) => Math.Max(0, record.Begun - record.Rounds);

    static string Line(ProviderRecord record) => string.Create(CultureInfo.InvariantCulture,
        $"{record.Provider.ToString()[..16]}\tmodel {record.Model.ToString()[..16]}\t{Word(record.Verdict)}\t{record.Rounds} rounds, {record.Aborted} aborted, {Unended(record)} never ended\t{record.Missed} of {record.Certified} certified missed\t{record.Right} of {record.Labelled} labels right\t{record.Unanswered} of {record.Asked} runs unanswered");

    static JsonObject Json(ProviderRecord record) => new()
    {
        ["provider"] = record.Provider.ToString(), ["model_sha256"] = record.Model.ToString(), ["verdict"] = Word(record.Verdict), ["rounds"] = record.Rounds,
        ["aborted"] = record.Aborted, ["never_ended"] = Unended(record), ["asked"] = record.Asked, ["unanswered"] = record.Unanswered,
        ["certified"] = new JsonObject { ["asked"] = record.Certified, ["missed"] = record.Missed },
        ["labelled"] = new JsonObject { ["asked"] = record.Labelled, ["right"] = record.Right }, ["confirmed"] = record.Confirmed,
        ["evidence"] = Math.Round(record.Evidence, 3),
    };
}
