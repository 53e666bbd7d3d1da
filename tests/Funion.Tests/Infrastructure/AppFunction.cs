using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Funion.Hosting;
using Funion.Network;
using Funion.Tests.Architecture;

namespace Funion.Tests.Infrastructure;

/// <summary>A function as the source of its app says it: no feed that tests can count on has the packages to compile the apps with.</summary>
/// <param name="App">node or inference.</param>
/// <param name="Name">In <c>[Function(...)]</c>.</param>
/// <param name="Trigger">Of the attribute, without the word: Queue, ServiceBus, Timer, Http, Orchestration, Activity.</param>
/// <param name="Source">Queue, schedule or route.</param>
/// <param name="Connection">The setting that names its service; empty where there is none.</param>
/// <param name="Takes">What the body hands to the node: the expression for the queue's name, of queues' triggers.</param>
sealed partial record AppFunction(string App, string Name, string Trigger, string Source, string Connection, string Takes)
{
    static readonly Dictionary<string, string> s_projects = new() { ["node"] = "Funion.Node", ["inference"] = "Funion.Inference" };

    /// <summary>All functions of an app, those in files that it links too.</summary>
    public static IReadOnlyList<AppFunction> Of(string app)
    {
        string folder = Path.Combine(Repository.Root, "functions", s_projects[app]);
        XDocument project = XDocument.Load(Path.Combine(folder, s_projects[app] + ".csproj"));
        IEnumerable<string> linked = project.Descendants("Compile").Select(item => Path.Combine(folder, ((string)item.Attribute("Include")!).Replace('\\', '/')))
            .SelectMany(glob => Directory.EnumerateFiles(Path.GetDirectoryName(glob)!, Path.GetFileName(glob)));
        return [.. Repository.Sources(Path.Combine("functions", s_projects[app])).Concat(linked).SelectMany(path => Parse(app, File.ReadAllText(path)))];
    }

    /// <summary>The functions of one file.</summary>
    public static IEnumerable<AppFunction> Parse(string app, string text)
    {
        Match[] found = Function().Matches(text).ToArray();
        if (found.Length != text.Split("[Function(").Length - 1)
        {
            throw new FormatException("A function is written in a way that this does not read.");
        }
        return found.Select(match =>
        {
            string[] arguments = [.. match.Groups["args"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
            string trigger = match.Groups["trigger"].Value;
            string source = trigger switch
            {
                "Http" => "/" + Value(text, Named(arguments, "Route") ?? "\"\""),
                "Orchestration" or "Activity" => "",
                _ => Value(text, arguments[0]),
            };
            return new AppFunction(
                app, Value(text, match.Groups["name"].Value), trigger, source, Value(text, Named(arguments, "Connection") ?? "\"\""), match.Groups["takes"].Value);
        });
    }

    /// <summary>The queue on which it listens, of a node with a role and a prefix.</summary>
    public string QueueOf(NodeRole role, string prefix) =>
        Source.Replace("%FUNION_PREFIX%", prefix, StringComparison.Ordinal).Replace("%FUNION_ROLE%", role.ToString().ToLowerInvariant(), StringComparison.Ordinal);

    /// <summary>The queue that its body says to the node.</summary>
    public string TakesOf(NodeRole role) => Takes switch
    {
        "QueueNames.In(host.Settings.Role)" => QueueNames.In(role),
        "QueueNames.Out(host.Settings.Role)" => QueueNames.Out(role),
        _ => Value("", Takes),
    };

    public override string ToString() => $"{App,-10} {Name,-13} {Trigger,-14} {Source,-34} {Connection}".TrimEnd();

    static string? Named(string[] arguments, string name) =>
        arguments.Where(argument => argument.StartsWith(name + " = ", StringComparison.Ordinal)).Select(argument => argument[(name.Length + 3)..]).FirstOrDefault();

    /// <summary>A constant expression: literals and names of constants, added.</summary>
    static string Value(string text, string expression) => string.Concat(expression.Split('+', StringSplitOptions.TrimEntries).Select(part => part switch
    {
        ['"', .. string literal, '"'] => literal,
        _ when part.StartsWith("QueueNames.", StringComparison.Ordinal) => Constant(typeof(QueueNames), part["QueueNames.".Length..]),
        _ when part.StartsWith("AzureEnvironment.", StringComparison.Ordinal) => Constant(typeof(AzureEnvironment), part["AzureEnvironment.".Length..]),
        _ => Regex.Match(text, $"const string {Regex.Escape(part)} = \"([^\"]*)\"") is { Success: true } own
            ? own.Groups[1].Value
            : throw new FormatException($"{part} is no constant that this knows."),
    }));

    static string Constant(Type type, string name) => type.GetField(name, BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true } constant
        ? (string)constant.GetRawConstantValue()!
        : throw new FormatException($"{type.Name} has no constant {name}.");

    [GeneratedRegex(
        @"\[Function\((?<name>[^)]+)\)\](?:(?!\[Function\().)*?\[(?<trigger>\w+)Trigger(?:\((?<args>[^)]*)\))?\](?:(?!\[Function\().)*?(?:TakeAsync\((?<takes>QueueNames\.\w+(?:\([\w.]+\))?),|(?=\[Function\()|\z)",
        RegexOptions.Singleline)]
    private static partial Regex Function();
}
