using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Funion.Tests.Architecture;

namespace Funion.Tests.Infrastructure;

/// <summary>Parses Bicep by the tree-sitter grammar, in one run of <c>tests/tools/bicep-syntax.mjs</c>. Needs Node, not the network.</summary>
static class BicepSyntax
{
    static readonly Lazy<IReadOnlyList<BicepFile>> s_repository = new(() => Parse(Texts()));

    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { MaxDepth = 512 };

    /// <summary>Every Bicep and parameter file of the repository.</summary>
    public static IReadOnlyList<BicepFile> Repository => s_repository.Value;

    /// <summary>Path and text of each.</summary>
    public static Dictionary<string, string> Texts() => Directory
        .EnumerateFiles(Path.Combine(Architecture.Repository.Root, "infra"), "*.bicep*", SearchOption.AllDirectories)
        .ToDictionary(Architecture.Repository.Relative, File.ReadAllText);

    /// <summary>The repository's files with one of them changed, as a test that must fail wants it.</summary>
    public static IReadOnlyList<BicepFile> With(string path, string old, string changed)
    {
        Dictionary<string, string> texts = Texts();
        Assert.Contains(old, texts[path], StringComparison.Ordinal);
        BicepFile broken = Parse(new() { [path] = texts[path].Replace(old, changed, StringComparison.Ordinal) })[0];
        return [.. Repository.Select(file => file.Path == path ? broken : file)];
    }

    public static IReadOnlyList<BicepFile> Parse(Dictionary<string, string> texts)
    {
        string script = Path.Combine(Architecture.Repository.Root, "tests", "tools", "bicep-syntax.mjs");
        string input = JsonSerializer.Serialize(texts.Select(text => new { path = text.Key, text = text.Value }));
        (int code, string output, string said) = Run("node", [script], input);
        Assert.True(code == 0, $"node ended with {code}: {said}");
        Parsed[] parsed = JsonSerializer.Deserialize<Parsed[]>(output, s_json)!;
        return [.. parsed.Select(file => new BicepFile(
            file.Path,
            [.. file.Errors.Select(error => $"{file.Path}:{error.Line}:{error.Column} {error.Text}")],
            Node(file.Tree, texts[file.Path])))];
    }

    /// <summary>Runs a program to its end.</summary>
    public static (int Code, string Output, string Errors) Run(string program, IEnumerable<string> arguments, string input = "")
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return (process.ExitCode, output.Result, errors.Result);
    }

    static BicepNode Node(ParsedNode node, string text) => new(
        node.Kind, node.Field, text[node.From..node.To], node.Line,
        [.. node.Children.Where(child => child.Kind is not ("comment" or "diagnostic_comment")).Select(child => Node(child, text))]);

    sealed record Parsed(string Path, ParsedError[] Errors, ParsedNode Tree);

    sealed record ParsedError(int Line, int Column, string Text);

    sealed record ParsedNode(
        [property: JsonPropertyName("k")] string Kind, [property: JsonPropertyName("f")] string? Field, [property: JsonPropertyName("a")] int From,
        [property: JsonPropertyName("b")] int To, [property: JsonPropertyName("l")] int Line, [property: JsonPropertyName("c")] ParsedNode[] Children);
}
