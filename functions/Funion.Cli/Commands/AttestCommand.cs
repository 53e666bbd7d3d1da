using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Cli.Enclaves;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;

namespace Funion.Cli.Commands;

/// <summary><c>funion attest verify FILE</c>: offline, with what is pinned in a file.</summary>
static class AttestCommand
{
    public static Command Create() => new("attest", "Check what an enclave says of itself.") { Verify() };

    static Command Verify()
    {
        Argument<string> file = new("FILE") { Description = "Evidence: a network's document, the offer of an enclave's provider, or evidence alone." };
        Option<string?> model = new("--model") { Description = "Whose evidence in a network's document, if several models have an enclave." };
        Option<string?> trust = new("--trust") { Description = "Pinned keys of the attestation service, measurements, host data, firmware, greatest age." };
        Option<string?> nonce = new("--nonce") { Description = "That the evidence must be made for, in hex." };
        Option<string?> at = new("--at") { Description = "The time to verify for; default: now." };
        Option<bool> simulator = new("--insecure-simulator") { Description = "Take evidence of the simulator, which proves nothing." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("verify", "Whether evidence holds, offline.") { file, model, trust, nonce, at, simulator, json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            DateTimeOffset now = DateTimeOffset.UtcNow;
            Bytes32? expected = null;
            if (parsed.GetValue(at) is { } time && !DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out now))
            {
                return output.Error(ExitCode.Usage, "--at takes a time such as 2026-08-01T12:00:00Z.");
            }
            if (parsed.GetValue(nonce) is { } hex)
            {
                if (hex.Length != 2 * Bytes32.Size || !hex.All(char.IsAsciiHexDigit))
                {
                    return output.Error(ExitCode.Usage, "--nonce takes 64 hex digits.");
                }
                expected = new Bytes32(Convert.FromHexString(hex));
            }
            try
            {
                int code = EvidenceFile.Find(output, NamedFile.Read(parsed.GetRequiredValue(file)), parsed.GetValue(model), out AttestationFile? evidence);
                return evidence is null ? code
                    : !AttestationTrustFile.Load(output, parsed.GetValue(trust), out AttestationTrust? pinned) ? (int)ExitCode.Failed
                    : Report(output, evidence, evidence.Verify(pinned, expected, parsed.GetValue(simulator), now), expected is not null);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return output.Error(ExitCode.Failed, error.Message);
            }
        });
        return command;
    }

    static int Report(Output output, AttestationFile evidence, AttestationOutcome outcome, bool isFresh)
    {
        EnclaveIdentity identity = evidence.Identity;
        if (outcome != AttestationOutcome.Ok)
        {
            (string message, string? hint) = Sentence(outcome);
            output.Note(message);
            if (hint is not null)
            {
                output.Note("hint: " + hint);
            }
            output.Data(new JsonObject
            {
                ["error"] = new JsonObject { ["code"] = (int)ExitCode.VerificationFailed, ["message"] = message, ["hint"] = hint, ["outcome"] = Name(outcome) },
            });
            return (int)ExitCode.VerificationFailed;
        }
        if (evidence.Kind == AttestationFile.Simulated)
        {
            output.Note(SimulatedEvidence.Warning);
        }
        output.Data($"{evidence.Kind}: the evidence holds{(isFresh ? ", and was made for this nonce" : "; that it is fresh was not checked, for no --nonce was given")}");
        if (evidence.Policy is { } policy)
        {
            output.Data(PolicyText.Sentence(policy));
        }
        output.Data($"code {identity.Code}, model {identity.Model()}, sealing key {identity.SealingKey}, counter {identity.Counter}");
        output.Data(new JsonObject
        {
            ["verified"] = true, ["kind"] = evidence.Kind, ["code"] = identity.Code.ToString(), ["signing_key"] = identity.SigningKey.ToString(),
            ["sealing_key"] = identity.SealingKey.ToString(), ["policy"] = identity.Policy.ToString(), ["model"] = identity.Model().ToString(),
            ["counter"] = identity.Counter, ["nonce"] = identity.Nonce.ToString(), ["fresh"] = isFresh ? true : null,
            ["policy_says"] = evidence.Policy is null ? null : PolicyText.Json(evidence.Policy),
        });
        return (int)ExitCode.Ok;
    }

    /// <summary>What an outcome means, and what to do.</summary>
    public static (string Message, string? Hint) Sentence(AttestationOutcome outcome) => outcome switch
    {
        AttestationOutcome.Simulated => ("The evidence is of the simulator and proves nothing.", "for a trial on one machine: --insecure-simulator"),
        AttestationOutcome.UnknownKey => ("The evidence is signed with a key that is not pinned.", "name the keys that you trust with --trust FILE"),
        AttestationOutcome.WrongSignature => ("The signature of the evidence is wrong.", null),
        AttestationOutcome.WrongIssuer => ("The evidence is of another attestation service.", null),
        AttestationOutcome.NotYetValid => ("The evidence is not valid yet.", "look at the clock of this machine"),
        AttestationOutcome.Expired => ("The evidence is too old.", "ask the provider for new evidence"),
        AttestationOutcome.WrongHardware => ("The evidence is of another kind of hardware.", null),
        AttestationOutcome.Debuggable => ("The enclave can be looked into.", null),
        AttestationOutcome.NotCompliant => ("The attestation service does not vouch for what started the enclave.", null),
        AttestationOutcome.UnknownMeasurement => ("The code that was measured is not on the list.", "compare it with the measurements of the release that you trust"),
        AttestationOutcome.OldFirmware => ("The hardware's firmware is older than you take.", null),
        AttestationOutcome.WrongBinding => ("The evidence is not about these keys and this policy.", null),
        AttestationOutcome.WrongCode => ("The enclave names other code than was measured.", null),
        AttestationOutcome.WrongNonce => ("The evidence was not made for this nonce.", null),
        _ => ("The evidence is malformed.", null),
    };

    /// <summary>wrong-nonce for WrongNonce.</summary>
    static string Name(AttestationOutcome outcome) =>
        string.Concat(outcome.ToString().Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
