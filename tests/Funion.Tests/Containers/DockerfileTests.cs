using System.Text.RegularExpressions;
using Funion.Tests.Architecture;

namespace Funion.Tests.Containers;

public sealed partial class DockerfileTests
{
    public static TheoryData<string> Dockerfiles() => new(Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "functions"), "Dockerfile", SearchOption.AllDirectories).Select(Repository.Relative));

    [Theory]
    [MemberData(nameof(Dockerfiles))]
    public void Every_image_is_pinned(string file)
    {
        string[] lines = Instructions(file);
        Dictionary<string, string> arguments = lines.Where(line => line.StartsWith("ARG ", StringComparison.Ordinal))
            .Select(line => line[4..].Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        HashSet<string> stages = [];
        foreach (string[] from in lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).Select(line => line.Split(' ')))
        {
            string image = arguments.GetValueOrDefault(from[1].Trim('$', '{', '}'), from[1]);
            Assert.True(stages.Contains(image) || (Tag().Match(image) is { Success: true } tag && tag.Value != ":latest"), image);
            stages.Add(from.ElementAtOrDefault(3) ?? "");
        }
        Assert.True(stages.Count > 2);
    }

    [Theory]
    [MemberData(nameof(Dockerfiles))]
    public void Everything_that_is_copied_is_there_and_reaches_the_builder(string file)
    {
        string[] allowed = [.. File.ReadLines(Path.Combine(Repository.Root, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..])];
        string[] sources = [.. Instructions(file).Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from=", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1])];
        Assert.NotEmpty(sources);
        Assert.All(sources, source =>
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, source)), source);
            Assert.Contains(allowed, name => source == name || source.StartsWith(name + "/", StringComparison.Ordinal));
        });
        // What the build needs although no line of it says so: without the first, rules that are off would be errors.
        Assert.Empty(new[] { ".editorconfig", "global.json", "Directory.Build.props", "Directory.Packages.props" }.Except(sources));
        Assert.DoesNotContain(allowed, name => name.Contains("keys", StringComparison.Ordinal) || name.Contains("settings", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Dockerfiles))]
    public void Nobody_is_root_and_everybody_listens_where_the_infrastructure_expects_it(string file)
    {
        string[] lines = Instructions(file);
        Assert.Equal("USER 1654", lines.Last(line => line.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal) && line.Contains("/v1/health/live", StringComparison.Ordinal));
        string port = Assert.Single(lines, line => line.StartsWith("EXPOSE ", StringComparison.Ordinal)).Split(' ')[1];
        Assert.Contains(lines, line => line.StartsWith("ENV ", StringComparison.Ordinal) && line.Contains($"ASPNETCORE_URLS=http://+:{port}", StringComparison.Ordinal));
        string bicep = File.ReadAllText(Path.Combine(Repository.Root, "infra", "app", "inference.bicep"));
        Assert.Contains($"ingressTargetPort: empty(image) ? 80 : {port}\n", bicep, StringComparison.Ordinal);
        Assert.Equal([port, port], Probes().Matches(bicep).Select(match => match.Groups[1].Value));
    }

    [Fact]
    public void The_tool_builds_the_image_that_azd_is_told_of()
    {
        string azure = File.ReadAllText(Path.Combine(Repository.Root, "azure.yaml"));
        Assert.Contains("project: functions/Funion.Inference", azure, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Repository.Root, "functions", "Funion.Inference", "Dockerfile")));
    }

    /// <summary>Lines of a Dockerfile, continuations joined, comments gone.</summary>
    static string[] Instructions(string file) => [.. File.ReadAllText(Path.Combine(Repository.Root, file))
        .Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Where(line => line.Length > 0 && line[0] != '#')];

    [GeneratedRegex(":[a-z0-9][A-Za-z0-9._-]*$")]
    private static partial Regex Tag();

    [GeneratedRegex(@"^\s+port: (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Probes();
}
