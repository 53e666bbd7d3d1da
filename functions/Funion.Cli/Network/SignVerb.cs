using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary><c>funion network sign FILE --key KEYFILE</c>: adds one authority's signature, in place.</summary>
static class SignVerb
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The network document." };
        Option<string> key = new("--key") { Description = "The authority's secret file.", Required = true };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("sign", "Add an authority's signature to a network document.") { file, key, json };
        command.SetAction(parsed => Run(parsed.Output(json), parsed.GetRequiredValue(file), parsed.GetRequiredValue(key)));
        return command;
    }

    static int Run(Output output, string file, string keyFile)
    {
        if (!TrustStore.TryReadFile(file, out byte[]? bytes) || !SignedNetworkDocument.TryParse(bytes, out SignedNetworkDocument? document))
        {
            return output.Error(ExitCode.Failed, $"{file} is not a network document.");
        }

        KeyFileOutcome outcome = AuthorityKeys.Load(keyFile, out AuthorityKeys? keys);
        if (keys is null)
        {
            return KeyFiles.Error(output, keyFile, outcome);
        }

        using (keys)
        {
            // What an authority signs it answers for: the rules are checked again here.
            if (NetworkRules.Broken(document.Document, NetworkRules.FewestReplicas) is [string broken, ..])
            {
                return output.Error(ExitCode.VerificationFailed, broken, "a document that breaks a rule is not signed");
            }

            if (!document.Document.Authorities.Keys.Any(key => key.AsSpan().SequenceEqual(keys.PublicKey)))
            {
                return output.Error(ExitCode.VerificationFailed, "The document does not list this authority's key.");
            }

            document = document.AddSignature(keys);
        }

        return Save(output, file, document);
    }

    static int Save(Output output, string file, SignedNetworkDocument document)
    {
        try
        {
            AtomicFile.Write(file, document.ToBytes());
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return output.Error(ExitCode.Failed, $"{file} cannot be written.");
        }

        int threshold = document.Document.Authorities.Threshold;
        output.Data($"{document.Signatures.Count} of {threshold} signatures");
        output.Data(new JsonObject { ["signatures"] = document.Signatures.Count, ["threshold"] = threshold });
        return (int)ExitCode.Ok;
    }
}
