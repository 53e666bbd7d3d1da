namespace Funion.Tests.Infrastructure;

/// <summary>A Bicep or parameter file as a tree.</summary>
/// <param name="Path">Relative to the repository.</param>
/// <param name="Errors">Where the grammar does not fit.</param>
/// <param name="Root">The whole file.</param>
sealed record BicepFile(string Path, IReadOnlyList<string> Errors, BicepNode Root)
{
    public bool IsParameters => Path.EndsWith(".bicepparam", StringComparison.Ordinal);

    public IEnumerable<BicepNode> Parameters => Root.Children.Where(node => node.Kind == "parameter_declaration");

    /// <summary>Those without a default that may not be null either.</summary>
    public IEnumerable<BicepNode> RequiredParameters => Parameters
        .Where(node => node.Children[^1].Kind == "type" && !node.Children[^1].Text.EndsWith('?'));

    public IEnumerable<string> Outputs => Root.Children.Where(node => node.Kind == "output_declaration").Select(node => node.Name);

    public IEnumerable<BicepNode> Modules => Root.Children.Where(node => node.Kind == "module_declaration");

    public IEnumerable<BicepNode> Imports => Root.Children.Where(node => node.Kind == "import_functionality");

    /// <summary>What a parameter file gives; its <c>param</c> is read as <c>var</c>.</summary>
    public IEnumerable<string> Given => Root.Children.Where(node => node.Kind == "variable_declaration").Select(node => node.Name);

    /// <summary>The template that a parameter file is for.</summary>
    public string? Using => Root.Children.FirstOrDefault(node => node.Kind == "using_statement")?.Of("string").First().Literal;

    /// <summary>Path of a module or import, a registry's reference as it stands.</summary>
    public static string Target(BicepNode declaration) => declaration.Children.First(node => node.Kind == "string").Literal ?? "";

    public static bool IsRegistry(string target) => target.StartsWith("br/", StringComparison.Ordinal) || target.StartsWith("br:", StringComparison.Ordinal);

    /// <summary>A path that this file names, relative to the repository.</summary>
    public string Resolve(string target) => System.IO.Path.GetRelativePath("/", System.IO.Path.GetFullPath(
        System.IO.Path.Combine("/", System.IO.Path.GetDirectoryName(Path)!, target))).Replace('\\', '/');

    public string At(BicepNode node) => $"{Path}:{node.Line}";
}
