using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Funion.Cli.Console;

/// <summary>
/// Data on stdout, everything else on stderr as "funion: sentence". With --json, stdout carries exactly one JSON value: the data,
/// or <c>{"error":{"code","message","hint"}}</c>.
/// </summary>
sealed class Output(TextWriter data, TextWriter messages, bool json)
{
    static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool Json => json;

    /// <summary>Progress is for people only.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>The process's own streams.</summary>
    public static Output Standard(bool json) =>
        new(System.Console.Out, System.Console.Error, json) { IsTerminal = !System.Console.IsErrorRedirected };

    /// <summary>One line for people; nothing with --json.</summary>
    public void Data(string line)
    {
        if (!json)
        {
            data.WriteLine(line);
        }
    }

    /// <summary>The one JSON value; nothing without --json.</summary>
    public void Data(JsonNode value)
    {
        if (json)
        {
            data.WriteLine(value.ToJsonString(Compact));
        }
    }

    /// <summary>A sentence beside the data.</summary>
    public void Note(string sentence) => messages.WriteLine($"funion: {sentence}");

    /// <summary>Says sentences here, and keeps data to itself: for what may fail beside data that are still to come.</summary>
    public Output Aside() => new(TextWriter.Null, messages, json) { IsTerminal = IsTerminal };

    /// <summary>What is known by now, and is said beside a failure of which nothing else is said.</summary>
    public JsonObject? Partial { get; set; }

    /// <summary>A failure and, where there is one, what to do next. Returns the exit code, for `return`.</summary>
    public int Error(ExitCode code, string message, string? hint = null) => Error(code, message, hint, Partial?.DeepClone().AsObject() ?? []);

    /// <summary>The same beside data that are good all the same.</summary>
    public int Error(ExitCode code, string message, string? hint, JsonObject result)
    {
        messages.WriteLine($"funion: {message}");
        if (hint is not null)
        {
            messages.WriteLine($"funion: hint: {hint}");
        }

        result["error"] = new JsonObject { ["code"] = (int)code, ["message"] = message, ["hint"] = hint };
        Data(result);
        return (int)code;
    }
}
