using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary>Why an enclave refuses, as a clause.</summary>
static class RefusalText
{
    public static string Of(EnclaveRefusal refusal) => refusal switch
    {
        EnclaveRefusal.WrongState => "what is kept of it is older than it knows, or another enclave's",
        EnclaveRefusal.UnknownModel => "it drew no key for that model; it was sealed for the offer of another enclave, or the folder was made anew since",
        EnclaveRefusal.WrongWeights => "the weights are not those that the owner meant",
        EnclaveRefusal.WrongOwner => "it is not signed by the owner whom the policy names",
        EnclaveRefusal.CannotOpen => "it was not sealed for this enclave, or was changed",
        EnclaveRefusal.NotAllowed => "the policy does not allow it",
        EnclaveRefusal.QuotaSpent => "all questions that the policy grants have been asked",
        EnclaveRefusal.Replayed => "that question was asked before",
        EnclaveRefusal.RolledBack => "it was rolled back",
        EnclaveRefusal.UnknownQuery => "it knows no such question",
        EnclaveRefusal.WrongAnswer => "the product was none of this model and question",
        EnclaveRefusal.Full => "it has as many models or questions as it takes",
        EnclaveRefusal.Stale => "the question rests on evidence that is too old",
        EnclaveRefusal.ResumedTooOften => "it was restarted too often in the middle; the question has to be asked again",
        EnclaveRefusal.NotLocked => "its process cannot be locked up on this system",
        EnclaveRefusal.InUse => "another process has it",
        EnclaveRefusal.NoHardware => "the file that stands for its hardware cannot be opened, or is none",
        _ => "it does not understand what it is told",
    };
}
