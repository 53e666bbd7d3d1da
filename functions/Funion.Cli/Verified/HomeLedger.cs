using Funion.Cli.Console;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary>The user's ledger of providers, which their processes share.</summary>
static class HomeLedger
{
    public static string Folder => Path.Combine(FunionHome.Path, "providers");

    public static async Task<(LedgerOutcome Outcome, IReadOnlyList<ProviderRecord> Records)> ReadAsync(CancellationToken cancellation)
    {
        IReadOnlyList<ProviderRecord> records = [];
        LedgerOutcome outcome = await Patience.WhileBusyAsync(() => new ProviderLedger(Folder).TryRead(out records), LedgerOutcome.Busy, cancellation);
        return (outcome, records);
    }

    public static Task<LedgerOutcome> RecordAsync(
        Bytes32 model, IReadOnlyList<(Bytes32 Provider, ProviderEvidence Evidence)> round, bool aborted, double promised, CancellationToken cancellation) =>
        Patience.WhileBusyAsync(() => new ProviderLedger(Folder).TryRecord(model, round, aborted, promised), LedgerOutcome.Busy, cancellation);

    /// <summary>Says it and gives the exit code.</summary>
    public static int Error(Output output, LedgerOutcome outcome) => outcome switch
    {
        LedgerOutcome.Tampered => output.Error(
            ExitCode.VerificationFailed, $"The ledger of providers in {Folder} is not what was written there last.", "what it says is lost; begin anew with: funion providers --forget"),
        LedgerOutcome.TooOpen => output.Error(ExitCode.Failed, $"Others may read or write the ledger of providers in {Folder}.", $"chmod go-rwx {Folder}/*"),
        LedgerOutcome.Busy => output.Error(ExitCode.Failed, "Another funion has the ledger of providers.", "try again"),
        LedgerOutcome.Full => output.Error(ExitCode.Failed, $"The ledger has {ProviderLedger.MostRecords} providers.", "begin anew with: funion providers --forget"),
        _ => output.Error(ExitCode.Failed, $"The ledger of providers in {Folder} cannot be written."),
    };
}
