using System.Xml.Linq;

namespace Funion.Tests.Architecture;

/// <summary>Which project may know which: read from the project files, so that an arrow cannot be added by accident.</summary>
public sealed class ProjectArrowsTests
{
    static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Funion"] = [],
        ["Funion.Storage"] = ["Funion"],
        ["Funion.Models"] = ["Funion", "Microsoft.ML.OnnxRuntime"],
        ["Microsoft.ML.OnnxRuntime"] = [],
        ["Funion.Private"] = ["Funion", "Funion.Models"],
        ["Funion.Enclave"] = ["Funion.Private"],
        ["Funion.Hosting"] = ["Funion", "Funion.Storage"],
        ["Funion.Node"] = ["Funion", "Funion.Storage", "Funion.Hosting"],
        ["Funion.Inference"] = ["Funion", "Funion.Storage", "Funion.Hosting", "Funion.Models", "Funion.Private"],
        ["Funion.Cli"] = ["Funion", "Funion.Storage", "Funion.Hosting", "Funion.Models", "Funion.Private"],
    };

    /// <summary>The protocol knows no cloud and no web framework; neither does the code that runs models.</summary>
    static readonly Dictionary<string, string[]> AllowedPackages = new()
    {
        ["Funion"] = ["NSec.Cryptography"],
        ["Funion.Storage"] = ["Azure.Core", "Azure.Storage.Blobs", "Azure.Storage.Queues", "Azure.Messaging.ServiceBus", "Azure.Data.Tables"],
    };

    public static TheoryData<string> Projects() => new(Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "functions"), "*.csproj", SearchOption.AllDirectories)
        .Select(Repository.Relative));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_arrow_is_one_that_the_design_draws(string project)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        Assert.True(Allowed.ContainsKey(name), $"{name} is not in the design");
        string[] arrows = [.. Includes(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))];
        Assert.Empty(arrows.Except(Allowed[name]));
        if (AllowedPackages.TryGetValue(name, out string[]? packages))
        {
            Assert.Empty(Includes(project, "PackageReference").Except(packages));
        }
        if (name is "Funion" or "Funion.Storage" or "Funion.Models")
        {
            Assert.Empty(Includes(project, "FrameworkReference"));
        }
    }

    [Fact]
    public void The_solution_names_every_project_and_all_three_configurations()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "Funion.Serverless.sln")).Replace('\\', '/');
        foreach (string folder in (string[])["functions", "tests"])
        {
            foreach (string project in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            {
                Assert.Contains(Repository.Relative(project), solution, StringComparison.Ordinal);
            }
        }
        foreach (string configuration in (string[])["Debug", "Release", "Azure"])
        {
            Assert.Contains($"{configuration}|Any CPU = {configuration}|Any CPU", solution, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_forbidden_arrow_would_be_seen()
    {
        string project = Path.Combine(Repository.Root, "functions/Funion.Cli/Funion.Cli.csproj");
        Assert.Contains("Funion.Storage", Includes(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))));
    }

    static IEnumerable<string> Includes(string project, string item) => XDocument
        .Load(Path.Combine(Repository.Root, project))
        .Descendants(item)
        .Select(element => (string?)element.Attribute("Include") ?? "");
}
