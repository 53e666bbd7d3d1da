using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary><c>funion model offer POLICY</c>: a provider's enclave draws a key for a policy, and says so.</summary>
static class OfferVerb
{
    public static Command Create()
    {
        Argument<string> policyFile = new("POLICY") { Description = "Of the owner, by model policy." };
        Option<string> folder = new("--enclave") { Description = "The provider's folder of the enclave, made when it is not there.", Required = true };
        Option<string> file = new("--out") { Description = "Where to write the offer, for the owner.", Required = true };
        Option<bool> simulator = new("--insecure-simulator") { Description = "There is no other enclave here: a SIMULATED one, which protects nothing." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("offer", "For providers, enclave mode, second: have the enclave draw a key for an owner's policy.") { policyFile, folder, file, simulator, json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            return ProviderCall.Run(output, parsed.GetValue(simulator), program =>
            {
                if (EnclavePolicy.TryRead(NamedFile.Read(parsed.GetRequiredValue(policyFile))) is not { IsHidden: true } policy)
                {
                    return output.Error(ExitCode.Failed, "That file is no policy of a hidden model.");
                }
                using EnclaveHost host = new EnclaveFolder(parsed.GetRequiredValue(folder)).Open(program, output.Note);
                if (host.Create(policy) is not { } offer)
                {
                    return output.Error(ExitCode.Failed, "The enclave draws no key: it has as many models as it takes.");
                }
                AtomicFile.Write(
                    parsed.GetRequiredValue(file), new OfferFile(new AttestationFile(AttestationFile.Simulated, offer.Identity, offer.Evidence, policy), offer.PublicKey).ToJson());
                output.Data($"model {offer.Model}, {PolicyText.Sentence(policy)}");
                output.Data(new JsonObject { ["model"] = offer.Model.ToString(), ["code"] = offer.Identity.Code.ToString(), ["policy"] = PolicyText.Json(policy) });
                return (int)ExitCode.Ok;
            });
        });
        return command;
    }
}
