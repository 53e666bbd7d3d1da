using System.CommandLine;
using System.Text.Json.Nodes;
using Funion.Cli.Console;

namespace Funion.Cli.Issuing;

/// <summary><c>funion network invite LIST</c>: one more client that the issuer knows; prints what to hand over.</summary>
static class InviteVerb
{
    public static Command Create()
    {
        Argument<string> list = new("LIST") { Description = "The issuer's list, which grows by one." };
        Option<string> note = new("--note") { Description = "Your own note beside it.", DefaultValueFactory = _ => "" };
        Option<bool> json = Invocation.JsonOption();
        Command command = new("invite", "Invite a client to a network that demands tokens.") { list, note, json };
        command.SetAction(parsed =>
        {
            Output output = parsed.Output(json);
            try
            {
                string invitation = InvitationList.Invite(parsed.GetRequiredValue(list), parsed.GetRequiredValue(note)).ToString();
                output.Data(invitation);
                output.Data(new JsonObject { ["invitation"] = invitation });
                return (int)ExitCode.Ok;
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                return output.Error(ExitCode.Failed, unwritable.Message);
            }
        });
        return command;
    }
}
