using System.Text.RegularExpressions;

namespace Funion.Tests.Infrastructure;

/// <summary>What the compiler would say of modules, imports and parameter files.</summary>
static partial class BicepModules
{
    /// <summary>A sentence for each thing that does not fit.</summary>
    public static IEnumerable<string> Problems(IReadOnlyList<BicepFile> files)
    {
        Dictionary<string, BicepFile> byPath = files.ToDictionary(file => file.Path);
        return files.SelectMany(file => file.IsParameters
            ? ParameterFile(file, byPath)
            : file.Modules.SelectMany(module => Module(file, module, byPath))
                .Concat(file.Imports.SelectMany(import => Import(file, import, byPath)))
                .Concat(OutputUses(file, byPath)));
    }

    /// <summary>Modules of Microsoft's registry, which nothing here can look into.</summary>
    public static IEnumerable<string> Unchecked(IEnumerable<BicepFile> files) => files.SelectMany(file => file.Modules)
        .Select(BicepFile.Target).Where(BicepFile.IsRegistry).Distinct().Order();

    static IEnumerable<string> Module(BicepFile file, BicepNode module, Dictionary<string, BicepFile> files)
    {
        string target = BicepFile.Target(module);
        if (BicepFile.IsRegistry(target))
        {
            if (!PinnedVersion().IsMatch(target))
            {
                yield return $"{file.At(module)}: {target} is not pinned to a version.";
            }
            yield break;
        }
        if (!files.TryGetValue(file.Resolve(target), out BicepFile? found))
        {
            yield return $"{file.At(module)}: there is no {target}.";
            yield break;
        }
        if (module.Body()?.Property("params") is not { Kind: "object" } given)
        {
            yield return $"{file.At(module)}: the parameters are not written out.";
            yield break;
        }
        foreach (string problem in Given([.. given.Properties().Select(property => property.Key)], found))
        {
            yield return $"{file.At(module)}: {problem}";
        }
    }

    static IEnumerable<string> ParameterFile(BicepFile file, Dictionary<string, BicepFile> files)
    {
        if (file.Using is not { } target || !files.TryGetValue(file.Resolve(target), out BicepFile? template))
        {
            return [$"{file.Path}: names no template that is there."];
        }
        return Given([.. file.Given], template).Select(problem => $"{file.Path}: {problem}");
    }

    static IEnumerable<string> Given(string[] given, BicepFile template) =>
        given.Except(template.Parameters.Select(parameter => parameter.Name)).Select(name => $"{template.Path} has no parameter {name}.")
        .Concat(template.RequiredParameters.Select(parameter => parameter.Name).Except(given).Select(name => $"{template.Path} needs {name}."))
        .Concat(given.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => $"{group.Key} is given twice."));

    static IEnumerable<string> Import(BicepFile file, BicepNode import, Dictionary<string, BicepFile> files)
    {
        string target = BicepFile.Target(import);
        if (!files.TryGetValue(file.Resolve(target), out BicepFile? found))
        {
            return [$"{file.At(import)}: there is no {target}."];
        }
        HashSet<string> exported = [.. Exported(found)];
        return import.Children.Where(child => child.Kind == "identifier" && !exported.Contains(child.Text))
            .Select(child => $"{file.At(import)}: {target} exports no {child.Text}.");
    }

    static IEnumerable<string> Exported(BicepFile file)
    {
        bool exported = false;
        foreach (BicepNode node in file.Root.Children)
        {
            if (node.Kind == "decorators")
            {
                exported = node.Text.Contains("@export()", StringComparison.Ordinal);
                continue;
            }
            if (exported)
            {
                yield return node.Name;
            }
            exported = false;
        }
    }

    // module.outputs.x, modules[i].outputs.x, modules[i]!.outputs.x
    static IEnumerable<string> OutputUses(BicepFile file, Dictionary<string, BicepFile> files)
    {
        Dictionary<string, string> modules = file.Modules.ToDictionary(module => module.Name, BicepFile.Target);
        foreach (BicepNode use in file.Root.Of("member_expression"))
        {
            if (use.Children is [{ Kind: "member_expression", Children: [BicepNode of, { Text: "outputs" }] }, { } output]
                && modules.TryGetValue(of.Kind == "subscript_expression" ? of.Children[0].Text : of.Text, out string? target)
                && !BicepFile.IsRegistry(target) && files.TryGetValue(file.Resolve(target), out BicepFile? found) && !found.Outputs.Contains(output.Text))
            {
                yield return $"{file.At(use)}: {target} has no output {output.Text}.";
            }
        }
    }

    [GeneratedRegex(@"^br/public:avm/[a-z/-]+:\d+\.\d+\.\d+$")]
    private static partial Regex PinnedVersion();
}
