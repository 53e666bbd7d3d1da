using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Funion.Cli.Console;

/// <summary>Runs a command line under the tool's conventions: a usage error is one sentence and exit code 2.</summary>
static partial class Invocation
{
    public static async Task<int> RunAsync(
        RootCommand root, IReadOnlyList<string> arguments, TextWriter data, TextWriter messages, CancellationToken cancellation = default)
    {
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            Output output = new(data, messages, arguments.Contains("--json"));
            string command = string.Join(' ', Names(parsed.CommandResult));
            string problem = parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [{ } word, ..] && !word.StartsWith('-')
                ? $"There is no command '{word}'."
                : Readable(parsed.Errors[0].Message);
            return output.Error(ExitCode.Usage, problem, $"run: {command} --help");
        }

        // Signals are the caller's, who hands in what they cancel.
        InvocationConfiguration streams = new() { Output = data, Error = messages, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return await parsed.InvokeAsync(streams, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new Output(data, messages, arguments.Contains("--json")).Error(ExitCode.Interrupted, "Interrupted.");
        }
    }

    /// <summary>The output that goes with an invocation, its streams included.</summary>
    public static Output Output(this ParseResult parsed, Option<bool> json) =>
        new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(json))
        {
            IsTerminal = !System.Console.IsErrorRedirected,
        };

    /// <summary>A fresh --json.</summary>
    public static Option<bool> JsonOption() => new("--json") { Description = "Print one JSON value on stdout and nothing else there." };

    /// <summary>Without the names of types.</summary>
    static string Readable(string message) => CannotParse().Match(message) is { Success: true } match ? $"'{match.Groups[1].Value}' is no value for {match.Groups[2].Value}." : message;

    [GeneratedRegex("^Cannot parse argument '(.*)' for (?:option|command) '(.*)' as expected type '", RegexOptions.CultureInvariant)]
    private static partial Regex CannotParse();

    static IEnumerable<string> Names(CommandResult command) =>
        command.Parent is CommandResult parent ? Names(parent).Append(command.Command.Name) : ["funion"];
}
