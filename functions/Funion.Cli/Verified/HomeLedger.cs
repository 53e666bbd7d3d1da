using Funion.Cli.Console;
using Funion.Network;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary>The user's ledger of providers, which their processes share.</summary>
static class HomeLedger
{
    public static string Folder => Path.Combine(FunionHome.Path, "providers");

    public static async Task<(LedgerOutcome Outcome, IReadOnlyList<ProviderRecord> Records)> ReadAsync(CancellationToken cancellation)
    {
        IReadOnlyList<ProviderRecord> records = [];
        LedgerOutcome outcome = await ChangeAsync(ledger => ledger.TryRead(out records), cancellation);
        return (outcome, records);
    }

    public static Task<LedgerOutcome> ChangeAsync(Func<ProviderLedger, LedgerOutcome> change, CancellationToken cancellation) =>
        Patience.WhileBusyAsync(() => change(new ProviderLedger(Folder)), LedgerOutcome.Busy, cancellation);

    /// <summary>Whether a record says that a provider runs another model than this one.</summary>
    public static bool Speaks(ProviderRecord record, ModelEntry model) => record.Verdict == AccuracyVerdict.Substitute
        && record.Model.ToString() == model.Sha256 && record.Provider == new Bytes32(model.Compute.AsSpan());

    /// <summary>Whether it is known that a provider runs another model; a ledger that cannot be read says nothing of anyone, and that is said.</summary>
    public static async Task<bool> SubstituteAsync(Output output, ModelEntry model, CancellationToken cancellation)
    {
        if (!Directory.Exists(Folder))
        {
            return false;
        }
        (LedgerOutcome outcome, IReadOnlyList<ProviderRecord> records) = await ReadAsync(cancellation);
        if (outcome != LedgerOutcome.Done)
        {
            output.Note($"what verified answers have shown of providers cannot be read ({outcome}): funion providers");
        }
        return records.Any(record => Speaks(record, model));
    }

    /// <summary>Says that a provider is not asked, and gives the exit code.</summary>
    public static int NotAsked(Output output, ModelEntry model) => output.Error(
        ExitCode.VerificationFailed, $"What the provider of '{model.Name}' runs was found to be another model than the promised one, so it is not asked.",
        $"see: funion providers; to give it another chance: funion providers --forget {new Bytes32(model.Compute.AsSpan()).ToString()[..16]}");

    /// <summary>Says it and gives the exit code.</summary>
    public static int Error(Output output, LedgerOutcome outcome) => outcome switch
    {
        LedgerOutcome.Tampered => output.Error(
            ExitCode.VerificationFailed, $"The ledger of providers in {Folder} is not what was written there last.", "what it says is lost; begin anew with: funion providers --forget"),
        LedgerOutcome.TooOpen => output.Error(ExitCode.Failed, $"Others may read or write the ledger of providers in {Folder}.", $"chmod go-rwx {Folder}/*"),
        LedgerOutcome.Busy => output.Error(ExitCode.Failed, "Another funion has the ledger of providers.", "try again"),
        LedgerOutcome.Full => output.Error(ExitCode.Failed, $"The ledger has {ProviderLedger.MostRecords} providers.", "make room with: funion providers --forget PROVIDER"),
        _ => output.Error(ExitCode.Failed, $"The ledger of providers in {Folder} cannot be written."),
    };
}
