using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary><c>funion model publish SEALED</c>: a provider takes a sealed model into its enclave; <c>up --enclave</c> offers it from then on.</summary>
static class PublishVerb
{
    public static Command Create()
    {
        Argument<string> file = new("SEALED") { Description = "Of the owner, by model seal." };
        Option<string> folder = new("--enclave") { Description = "The provider's folder of the enclave that made the offer.", Required = true };
        Option<bool> simulator = new("--insecure-simulator") { Description = "There is no other enclave here: a SIMULATED one, which protects nothing." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("publish", "For providers, enclave mode, fourth: take an owner's sealed model.") { file, folder, simulator, json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            return ProviderCall.Run(output, parsed.GetValue(simulator), program => Publish(output, program, new EnclaveFolder(parsed.GetRequiredValue(folder)), parsed.GetRequiredValue(file)));
        });
        return command;
    }

    static int Publish(Output output, string program, EnclaveFolder folder, string path)
    {
        if (SealedModelFile.TryOpen(() => NamedFile.Open(path)) is not { } sealedModel || !sealedModel.HoldsItsWeights() || sealedModel.Card.TryMakeCloud() is not { } cloud)
        {
            return output.Error(ExitCode.VerificationFailed, "That file is no sealed model, or was changed after its owner signed it.");
        }
        string name = sealedModel.Card.Name, kept = folder.FileOf(name), fresh = kept + ".new";
        if (File.Exists(kept) && SealedModelFile.TryOpen(() => File.OpenRead(kept))?.Card is { } there && there.Policy.Owner != sealedModel.Card.Policy.Owner)
        {
            return output.Error(ExitCode.Failed, $"A model of another owner is published as {name}.", $"it goes when {kept} is removed");
        }
        using EnclaveHost host = folder.Open(program, output.Note);
        // There before the enclave knows the model: an end in between leaves a file that can be published again.
        File.Copy(path, fresh, overwrite: true);
        EnclaveRefusal refused = host.Provide(cloud, sealedModel.Card.Provision, sealedModel.Weights);
        if (refused == EnclaveRefusal.UnknownModel)
        {
            // Provided before, or never offered: its weights tell.
            refused = host.Attach(sealedModel.Card.TryMakeCloud()!, sealedModel.Weights);
        }
        if (refused != EnclaveRefusal.None)
        {
            File.Delete(fresh);
            return output.Error(ExitCode.Failed, $"The enclave refuses the model: {RefusalText.Of(refused)}.", "it takes what was sealed for an offer of its own, by the owner whom the policy names");
        }
        File.Move(fresh, kept, overwrite: true);
        output.Data($"{name} is published: {PolicyText.Sentence(sealedModel.Card.Policy)}");
        output.Data(new JsonObject { ["name"] = name, ["model"] = sealedModel.Card.Model.ToString(), ["policy"] = PolicyText.Json(sealedModel.Card.Policy) });
        return (int)ExitCode.Ok;
    }
}
