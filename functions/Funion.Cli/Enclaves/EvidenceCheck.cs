using Funion.Cli.Commands;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary>Whether an enclave may be asked: what it said when it was given a nonce, beside what the network published and what this user has seen.</summary>
static class EvidenceCheck
{
    /// <summary>One sentence, or null when it may.</summary>
    public static string? Problem(
        AttestationFile published, AttestationFile fresh, AttestationTrust? trust, Bytes32 nonce, bool allowSimulator, ulong newestSeen, DateTimeOffset now)
    {
        AttestationOutcome outcome = fresh.Verify(trust, nonce, allowSimulator, now);
        EnclaveIdentity identity = fresh.Identity;
        return outcome != AttestationOutcome.Ok ? AttestCommand.Sentence(outcome).Message
            : fresh.Kind != published.Kind || identity with { Counter = published.Identity.Counter, Nonce = published.Identity.Nonce } != published.Identity
                ? "The enclave is another than the network's document says, or its model is."
            : fresh.Policy is null ? "The enclave does not say what its model's policy is."
            : identity.Counter < Math.Max(newestSeen, published.Identity.Counter) ? RolledBack(identity.Counter, Math.Max(newestSeen, published.Identity.Counter))
            : null;
    }

    /// <summary>What a roll-back is.</summary>
    public static string RolledBack(ulong now, ulong seen) =>
        $"The enclave was rolled back: it has changed {now} times, and was seen after {seen} changes. Somebody put an older state of it in place.";
}
