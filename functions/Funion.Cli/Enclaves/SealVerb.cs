using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;
using Funion.Private.Serving;

namespace Funion.Cli.Enclaves;

/// <summary><c>funion model seal MODEL</c>: offline, the owner verifies what the enclave offers, encrypts the weights for it, and signs.</summary>
static class SealVerb
{
    public static Command Create()
    {
        Argument<string> model = new("MODEL") { Description = "An ONNX file with its samples beside it, see model check; or 'digits'." };
        Option<string> policyFile = new("--policy") { Description = "The owner's own, by model policy: an offer for any other is refused.", Required = true };
        Option<string> offerFile = new("--offer") { Description = "The enclave's, by model offer.", Required = true };
        Option<string> key = new("--key") { Description = "The owner's key.", Required = true };
        Option<string> file = new("--out") { Description = "Where to write the sealed model, for the provider.", Required = true };
        Option<string?> name = new("--name") { Description = "As it is asked for; default: the file's name." };
        Option<string?> labels = new("--labels") { Description = "Of the outputs, with commas between them." };
        Option<string?> trust = new("--trust") { Description = "What the enclave's evidence is held to." };
        Option<bool> simulator = new("--insecure-simulator") { Description = "Take evidence of the simulator, which proves nothing: WEIGHTS ARE THEN AS GOOD AS GIVEN AWAY." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("seal", "For owners, enclave mode, third: encrypt a model for an enclave, offline.")
        {
            model, policyFile, offerFile, key, file, name, labels, trust, simulator, json,
        };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            string path = parsed.GetRequiredValue(model), called = parsed.GetValue(name) ?? Path.GetFileNameWithoutExtension(path);
            if (!SealedModelCard.IsName(called))
            {
                return output.Error(ExitCode.Usage, "--name takes lower-case letters, digits, '-' and '_', 64 at most.");
            }
            try
            {
                using ModelOwner? owner = OwnerKeyFile.Load(output, parsed.GetRequiredValue(key), make: false);
                if (owner is null || !AttestationTrustFile.Load(output, parsed.GetValue(trust), out AttestationTrust? trusted))
                {
                    return (int)ExitCode.Failed;
                }
                string policyPath = parsed.GetRequiredValue(policyFile), offerPath = parsed.GetRequiredValue(offerFile);
                if (EnclavePolicy.TryRead(NamedFile.Read(policyPath)) is not { } policy)
                {
                    return output.Error(ExitCode.Failed, $"{policyPath}, the file of --policy, is no policy.", "an owner makes one with: funion model policy");
                }
                if (OfferFile.TryParse(NamedFile.Read(offerPath)) is not { } offer)
                {
                    return output.Error(ExitCode.Failed, $"{offerPath}, the file of --offer, is no offer.", "a provider makes one with: funion model offer");
                }
                AttestationOutcome outcome = offer.Attestation.Verify(trusted, null, parsed.GetValue(simulator), DateTimeOffset.UtcNow);
                if (outcome != AttestationOutcome.Ok)
                {
                    (string sentence, string? hint) = AttestCommand.Sentence(outcome);
                    return output.Error(ExitCode.VerificationFailed, sentence, hint);
                }
                if (policy.Owner != owner.Key || policy.Digest() != offer.Attestation.Identity.Policy)
                {
                    return output.Error(ExitCode.VerificationFailed, "The offer is for another policy than yours, or the policy names another owner.");
                }
                return Seal(output, owner, policy, offer, path, called, parsed.GetValue(labels)?.Split(',') ?? [], parsed.GetRequiredValue(file));
            }
            catch (Exception error) when (error is ModelException or IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                return output.Error(ExitCode.Failed, error.Message);
            }
        });
        return command;
    }

    static int Seal(Output output, ModelOwner owner, EnclavePolicy policy, OfferFile offer, string path, string name, string[] labels, string file)
    {
        bool digits = path == DigitModel.Name;
        byte[] bytes = digits ? DigitModel.File() : NamedFile.Read(path);
        NetworkReading reading = NetworkReader.TryRead(bytes);
        if (reading.Network is not { } floats)
        {
            return output.Error(ExitCode.Failed, $"The model does not go through an enclave: {reading}.", "see why with: funion model check");
        }
        string problem = "";
        if ((digits ? PrivateModels.DigitSamples() : PrivateModels.TryReadSamples(PrivateModels.SamplesOf(path), floats.Input.Count, out problem)) is not { } samples)
        {
            return output.Error(ExitCode.Failed, $"The model cannot be brought to integers: {problem}.");
        }
        IntegerNetwork network = Calibration.Run(floats, samples, new Precision(new Modulus(policy.Bits)));
        using ModelRunner runner = ModelRunner.Load(bytes);
        List<byte[]> weights = [];
        byte[] provision = owner.Seal(network, offer.Attestation.Identity, offer.PublicKey, weights.Add);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        weights.ForEach(hash.AppendData);
        SealedModelCard card = new(
            name, offer.Attestation.Identity.Model(), policy, new Bytes32(hash.GetHashAndReset()), ArchitectureFormat.ToBytes(network), provision, runner.Inputs, runner.Outputs,
            digits && labels.Length == 0 ? DigitModel.Labels : labels);
        if (SealedModelCard.TryParse(card.ToJson()) is null)
        {
            return output.Error(ExitCode.Failed, "The enclave mode takes models of one FP32 input and one FP32 output of fixed shapes.");
        }
        string fresh = file + ".new";
        using (FileStream stream = File.Create(fresh))
        {
            SealedModelFile.Write(stream, card, owner, weights);
            stream.Flush(flushToDisk: true);
        }
        File.Move(fresh, file, overwrite: true);
        long size = weights.Sum(ciphertext => (long)ciphertext.Length);
        output.Data($"{name}: {weights.Count} ciphertexts of weights, {size} bytes, for enclave model {card.Model}");
        output.Data(new JsonObject
        {
            ["name"] = name, ["model"] = card.Model.ToString(), ["ciphertexts"] = weights.Count, ["weight_bytes"] = size, ["policy"] = PolicyText.Json(policy),
        });
        return (int)ExitCode.Ok;
    }
}
