using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary><c>funion model asker FILE</c>: keys for whoever a policy is to name.</summary>
static class AskerVerb
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The secret file, made when it is not there, mode 0600; for infer --enclave-key." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("asker", "For askers, enclave mode: keys that an owner's policy can name, with --user and --recipient.") { file, json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            try
            {
                using DataOwner? asker = AskerKeyFile.Load(parsed.GetRequiredValue(file), make: true, out string problem);
                if (asker is null)
                {
                    return output.Error(ExitCode.Failed, problem);
                }
                output.Data($"--user {asker.User} --recipient {asker.Recipient}");
                output.Data(new JsonObject { ["user"] = asker.User.ToString(), ["recipient"] = asker.Recipient.ToString() });
                return (int)ExitCode.Ok;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return output.Error(ExitCode.Failed, error.Message);
            }
        });
        return command;
    }
}
