using Funion.Cli.Console;
using Funion.Network;
using Funion.Private.Attestation;

namespace Funion.Cli.Enclaves;

/// <summary>Evidence in whichever file a user has: alone, in a provider's offer, or in a network's document, whose own signatures <c>network verify</c> checks.</summary>
static class EvidenceFile
{
    /// <summary>The evidence, or null and the exit code of the error that was printed.</summary>
    /// <param name="output">Told what is wrong.</param>
    /// <param name="file">What was read.</param>
    /// <param name="model">Whose, of a document; null: there is one.</param>
    /// <param name="evidence">What was found.</param>
    public static int Find(Output output, byte[] file, string? model, out AttestationFile? evidence)
    {
        evidence = AttestationFile.TryParse(file) ?? OfferFile.TryParse(file)?.Attestation;
        if (evidence is not null)
        {
            return (int)ExitCode.Ok;
        }
        if (!SignedNetworkDocument.TryParse(file, out SignedNetworkDocument? signed))
        {
            return output.Error(ExitCode.Failed, "That file is no evidence of an enclave, no offer and no network's document.");
        }
        ModelEntry[] there = [.. signed.Document.Models.Where(entry => entry.Enclave is not null && (model is null || entry.Name == model))];
        if (there is not [{ Enclave: { } enclave } one])
        {
            string names = string.Join(", ", there.Select(entry => entry.Name));
            return there.Length > 1 ? output.Error(ExitCode.Usage, $"Several models of that network have an enclave: {names}.", "name one with --model NAME")
                : output.Error(ExitCode.NoSuchModel, model is null ? "No model of that network has an enclave." : $"No model '{model}' of that network has an enclave.");
        }
        evidence = AttestationFile.TryParse(enclave.Attestation);
        return evidence is null ? output.Error(ExitCode.Failed, $"What that network says of the enclave of {one.Name} is no evidence.") : (int)ExitCode.Ok;
    }
}
