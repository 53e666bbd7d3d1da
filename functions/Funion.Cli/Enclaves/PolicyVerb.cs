using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary><c>funion model policy FILE</c>: the owner says who may ask a hidden model, how often, for whom answers are sealed.</summary>
static class PolicyVerb
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "Where to write the policy, for the provider." };
        Option<string> key = new("--key") { Description = "The owner's key, made when it is not there, mode 0600.", Required = true };
        Option<int?> questions = new("--questions") { Description = "Most questions: of each named user, or of all together; default: any number." };
        Option<string[]> users = new("--user") { Description = "Ed25519 key in hex of somebody who may ask; none: anybody." };
        Option<string[]> recipients = new("--recipient") { Description = "X25519 key in hex for which answers may be sealed; none: whichever the asker names." };
        Option<int> bits = new("--bits") { Description = "Of a value, 24 or 32: what the model needs, see model check.", DefaultValueFactory = _ => 24 };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("policy", "For owners, enclave mode, first: who may ask a model whose weights stay hidden.") { file, key, questions, users, recipients, bits, json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            Bytes32[] asking = [], sealing = [];
            string? wrong = parsed.GetValue(questions) is < 1 ? "--questions is 1 or more."
                : parsed.GetValue(bits) is not (24 or 32) ? "--bits is 24 or 32."
                : Problem("--user", parsed.GetValue(users), out asking) ?? Problem("--recipient", parsed.GetValue(recipients), out sealing);
            if (wrong is not null)
            {
                return output.Error(ExitCode.Usage, wrong, "run: funion model policy --help");
            }
            try
            {
                using ModelOwner? owner = OwnerKeyFile.Load(output, parsed.GetRequiredValue(key), make: true);
                if (owner is null)
                {
                    return (int)ExitCode.Failed;
                }
                EnclavePolicy policy = new(parsed.GetValue(bits), owner.Key, parsed.GetValue(questions) ?? int.MaxValue, asking, sealing);
                string path = parsed.GetRequiredValue(file);
                if (File.Exists(path) && !NamedFile.Read(path).AsSpan().SequenceEqual(policy.ToBytes()))
                {
                    return output.Error(ExitCode.Failed, $"{path} is there, and is not this policy.", "offers and sealed models are for the policy that they name; write this one to another file");
                }
                AtomicFile.Write(path, policy.ToBytes());
                output.Data(PolicyText.Sentence(policy));
                output.Data(PolicyText.Json(policy));
                return (int)ExitCode.Ok;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return output.Error(ExitCode.Failed, error.Message);
            }
        });
        return command;
    }

    static string? Problem(string option, string[]? given, out Bytes32[] keys)
    {
        given ??= [];
        keys = [];
        if (given.Length > EnclavePolicy.MaxKeys)
        {
            return $"{option} is given {EnclavePolicy.MaxKeys} times at most.";
        }
        if (Array.Find(given, key => key.Length != 2 * Bytes32.Size || !key.All(char.IsAsciiHexDigit)) is { } odd)
        {
            return $"{option} takes a key of 64 hex digits, as model asker prints it; '{odd}' is none.";
        }
        keys = [.. given.Select(key => new Bytes32(Convert.FromHexString(key)))];
        return null;
    }
}
