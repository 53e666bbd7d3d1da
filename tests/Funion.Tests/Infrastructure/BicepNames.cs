namespace Funion.Tests.Infrastructure;

/// <summary>Names in one file: used where they are declared, declared where they are used. Scopes are the whole file.</summary>
static class BicepNames
{
    /// <summary>Functions and namespaces of Bicep that these files call.</summary>
    static readonly HashSet<string> s_builtIn =
    [
        "base64", "base64ToString", "concat", "contains", "deployer", "empty", "environment", "filter", "first", "flatten", "guid", "int", "items", "join", "json",
        "loadJsonContent", "map", "range", "readEnvironmentVariable", "replace", "split", "startsWith", "string", "subscription", "subscriptionResourceId", "take", "tenant", "toLower",
        "toObject", "union", "uniqueString", "utcNow",
    ];

    public static IEnumerable<string> Problems(BicepFile file)
    {
        HashSet<string> declared = [.. Declarations(file.Root).Select(name => name.Text)];
        HashSet<string> local = [.. file.Root.Descendants().SelectMany(Locals)];
        List<string> used = [];
        foreach (BicepNode use in Uses(file.Root))
        {
            if (use.Text == "any")
            {
                // At the head of an array the grammar takes the function for the type.
                continue;
            }
            used.Add(use.Text);
            if (use.Field == "function" ? !s_builtIn.Contains(use.Text) && !declared.Contains(use.Text) : !declared.Contains(use.Text) && !local.Contains(use.Text))
            {
                yield return use.Field == "function" ? $"{file.At(use)}: {use.Text} is no function." : $"{file.At(use)}: {use.Text} is not declared.";
            }
        }
        foreach (BicepNode name in file.IsParameters ? [] : Private(file.Root))
        {
            if (!used.Contains(name.Text))
            {
                yield return $"{file.At(name)}: {name.Text} is not used.";
            }
        }
    }

    /// <summary>Names that the whole file can use.</summary>
    static IEnumerable<BicepNode> Declarations(BicepNode root) => root.Descendants()
        .Where(node => node.Kind.EndsWith("_declaration", StringComparison.Ordinal) && node.Kind != "output_declaration" || node.Kind is "user_defined_function")
        .Select(node => node.Children.First(child => child.Kind == "identifier"))
        .Concat(root.Children.Where(node => node.Kind == "import_functionality").SelectMany(node => node.Children.Where(child => child.Kind == "identifier")));

    /// <summary>Names that nobody outside can use: a leftover when nobody inside does.</summary>
    static IEnumerable<BicepNode> Private(BicepNode root) => root.Children
        .Where(node => node.Kind is "parameter_declaration" or "variable_declaration" or "import_functionality")
        .SelectMany(node => node.Kind == "import_functionality" ? node.Children.Where(child => child.Kind == "identifier") : node.Children.Take(1));

    static IEnumerable<string> Locals(BicepNode node) => node.Kind switch
    {
        "loop_variable" or "loop_enumerator" => [node.Text],
        "for_statement" => node.Children.Where(child => child.Field == "initializer").Select(name => name.Text),
        "parameter" => node.Children.Take(1).Select(name => name.Text),
        "lambda_expression" => node.Children.SkipLast(1).SelectMany(left => left.Kind == "identifier" ? [left.Text] : left.Of("identifier").Select(name => name.Text)),
        _ => [],
    };

    /// <summary>Identifiers that stand for a value, a type or a function.</summary>
    static IEnumerable<BicepNode> Uses(BicepNode node)
    {
        IEnumerable<BicepNode> inside = node.Kind switch
        {
            "import_functionality" or "loop_variable" or "loop_enumerator" => [],
            "object_property" when node.Children.Count > 1 => node.Children.Skip(1),
            "lambda_expression" => node.Children.TakeLast(1),
            "for_statement" => node.Children.Where(child => child.Field != "initializer"),
            "parameter" => node.Children.Skip(1),
            "user_defined_function" => node.Children.Where(child => child.Field != "name"),
            "decorator" => node.Descendants().Where(child => child.Kind == "arguments"),
            _ when node.Kind.EndsWith("_declaration", StringComparison.Ordinal) => node.Children.Skip(1),
            _ => node.Children,
        };
        return inside.SelectMany(child => child.Kind == "identifier" ? [child] : Uses(child));
    }
}
