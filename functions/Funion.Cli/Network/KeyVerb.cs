using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary><c>funion network key FILE</c>: an authority's key, made when it is not there; prints its public half.</summary>
static class KeyVerb
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "The secret file, mode 0600." };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("key", "Make an authority's key, or show the public half of one.") { file, json };
        command.SetAction(parsed => Run(parsed.Output(json), parsed.GetRequiredValue(file)));
        return command;
    }

    static int Run(Output output, string file)
    {
        KeyFileOutcome outcome = AuthorityKeys.Load(file, out AuthorityKeys? keys);
        if (outcome == KeyFileOutcome.Missing && !File.Exists(file))
        {
            keys = AuthorityKeys.Generate();
            try
            {
                KeyFiles.MakeFolder(file);
                keys.Save(file);
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                return output.Error(ExitCode.Failed, $"{file} cannot be written.");
            }
        }

        if (keys is null)
        {
            return KeyFiles.Error(output, file, outcome);
        }

        using (keys)
        {
            string key = Convert.ToHexStringLower(keys.PublicKey);
            output.Data(key);
            output.Data(new JsonObject { ["key"] = key });
            return (int)ExitCode.Ok;
        }
    }
}
