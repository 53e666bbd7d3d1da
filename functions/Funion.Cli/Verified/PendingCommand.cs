using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary><c>funion pending</c>: questions that wait to be checked, of all models and modes.</summary>
static class PendingCommand
{
    /// <summary>Hex digits of an id that name it well enough.</summary>
    const int LeastDigits = 8;

    const string All = "all";

    public static Command Create()
    {
        Option<string?> forget = new("--forget") { Description = "Give up one question, by its name or the beginning of its id; 'all': all of them." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("pending", "Questions that wait to be checked: infer --verify λ --pending checks them.") { forget, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            Output output = parsed.Output(json);
            string? one = parsed.GetValue(forget);
            bool isForgetting = parsed.GetResult(forget) is { Implicit: false };
            JsonArray rows = [];
            int forgotten = 0;
            if (one is not null && one != All && await MeantAsync(output, one, cancellation) is var meant && meant != 1)
            {
                return meant is null ? (int)ExitCode.Failed : output.Error(
                    ExitCode.Usage, meant == 0 ? "No question that waits has this name, or an id that begins so." : $"{meant} questions that wait have this name, or an id that begins so.",
                    $"see their ids with: funion pending; an id takes {LeastDigits} digits at least");
            }
            foreach ((Bytes32 model, SampleForm form) in Stores())
            {
                HomePending pending = new(output, model, form);
                using IDisposable? turn = isForgetting ? pending.Store.TryBeginRound() : null;
                if (isForgetting && turn is null)
                {
                    return output.Error(ExitCode.Failed, "Another funion checks what waits.", "try again when it is done");
                }
                IReadOnlyList<PendingQuery>? waiting = await pending.ChangeAsync(
                    there =>
                    {
                        PendingQuery[] left = [.. there.Where(query => !isForgetting || !IsMeant(query, one))];
                        forgotten += there.Count - left.Length;
                        return left.Length < there.Count ? left : null;
                    },
                    cancellation);
                if (waiting is null)
                {
                    return (int)ExitCode.Failed;
                }
                foreach (PendingQuery query in waiting)
                {
                    string mode = form == SampleForm.Plain ? AskingRequest.Plain : $"{AskingRequest.TwoParty} or {AskingRequest.Enclave}";
                    output.Data($"{query.Id[..16]}\t{VerifiedReport.Shown(query.Name)}\tmodel {model.ToString()[..16]}\t{mode}\t{Word(query)}\t{query.Attempts} {(query.Attempts == 1 ? "round" : "rounds")}");
                    rows.Add(new JsonObject
                    {
                        ["id"] = query.Id, ["input"] = query.Name, ["model_sha256"] = model.ToString(), ["mode"] = mode, ["state"] = Word(query), ["rounds"] = query.Attempts,
                    });
                }
            }
            if (isForgetting)
            {
                output.Note($"{forgotten} forgotten");
            }
            else if (rows.Count == 0)
            {
                output.Note("nothing waits");
            }
            output.Data(rows);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>How many questions a name or a beginning of an id fits; null: some cannot be read, which was said.</summary>
    static async Task<int?> MeantAsync(Output output, string one, CancellationToken cancellation)
    {
        int count = 0;
        foreach ((Bytes32 model, SampleForm form) in Stores())
        {
            if (await new HomePending(output, model, form).ReadAsync(cancellation) is not { } waiting)
            {
                return null;
            }
            count += waiting.Count(query => IsMeant(query, one));
        }
        return count;
    }

    static bool IsMeant(PendingQuery query, string? one) =>
        one is null or All || query.Name == one || (one.Length >= LeastDigits && query.Id.StartsWith(one, StringComparison.OrdinalIgnoreCase));

    static string Word(PendingQuery query) => query.State switch
    {
        PendingState.Confirmed => "confirmed, not said yet",
        PendingState.Refused => "refused, not said yet",
        _ => query.Answer.Length > 0 ? "answered" : "not answered",
    };

    /// <summary>What files there are, by their names.</summary>
    static IEnumerable<(Bytes32 Model, SampleForm Form)> Stores()
    {
        string[] files = Directory.Exists(HomePending.Folder) ? Directory.GetFiles(HomePending.Folder) : [];
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            if (name.Length > 65 && name[64] == '-' && name[..64].All(char.IsAsciiHexDigitLower) && Enum.TryParse(name[65..], out SampleForm form) && $"{form}" == name[65..])
            {
                yield return (new Bytes32(Convert.FromHexString(name[..64])), form);
            }
        }
    }
}
