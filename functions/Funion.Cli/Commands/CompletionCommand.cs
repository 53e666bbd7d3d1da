using System.CommandLine;
using Funion.Cli.Console;

namespace Funion.Cli.Commands;

/// <summary><c>funion completion SHELL</c>: a script that asks the tool itself, by its [suggest] directive.</summary>
static class CompletionCommand
{
    const string Bash = """
        _funion() { mapfile -t COMPREPLY < <(funion "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null); }
        complete -o default -F _funion funion
        """;

    const string Zsh = """
        _funion() { local -a words; words=("${(@f)$(funion "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}"); compadd -a words; }
        compdef _funion funion
        """;

    const string Fish = """
        complete -c funion -f -a '(funion "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'
        """;

    public static Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Command command = new("completion", "Print a completion script; for bash: eval \"$(funion completion bash)\".") { shell };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetRequiredValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
