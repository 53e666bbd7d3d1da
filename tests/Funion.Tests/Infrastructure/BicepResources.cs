namespace Funion.Tests.Infrastructure;

/// <summary>Our own resources against Azure's schemas: type, version, names of properties, what is required, values that are enumerated.</summary>
static class BicepResources
{
    /// <summary>Versions that came after the schemas, each known from Microsoft's own templates; their properties are held to the schema's version.</summary>
    static readonly Dictionary<string, string> s_newer = new() { ["Microsoft.DurableTask/schedulers"] = "2025-11-01" };

    /// <summary>Registry modules that hand an object on to a resource as it is: module, parameter, resource, object.</summary>
    static readonly (string Module, string Parameter, string Resource, string Object)[] s_handedOn =
    [
        ("avm/res/web/site:", "siteConfig", "Microsoft.Web/sites", "SiteConfig"),
        ("avm/res/web/site:", "functionAppConfig", "Microsoft.Web/sites", "FunctionAppConfig"),
        ("avm/res/app/container-app:", "containers", "Microsoft.App/containerApps", "Container"),
        ("avm/res/app/container-app:", "registries", "Microsoft.App/containerApps", "RegistryCredentials"),
        ("avm/res/app/managed-environment:", "workloadProfiles", "Microsoft.App/managedEnvironments", "WorkloadProfile"),
    ];

    public static async Task<IReadOnlyList<string>> ProblemsAsync(IReadOnlyList<BicepFile> files)
    {
        IEnumerable<Task<IEnumerable<string>>> own = files.SelectMany(file => Resources(file)
            .Select(resource => Resource(file, resource.Node, resource.Type, resource.Version)));
        IEnumerable<Task<IEnumerable<string>>> handedOn = files.SelectMany(file => file.Modules
            .SelectMany(module => s_handedOn.Where(pair => BicepFile.Target(module).Contains(pair.Module, StringComparison.Ordinal))
                .Select(pair => HandedOn(file, module, pair.Parameter, pair.Resource, pair.Object))));
        return [.. (await Task.WhenAll(own.Concat(handedOn))).SelectMany(problems => problems)];
    }

    /// <summary>Every resource with its full type; one within another takes that one's type and version.</summary>
    public static IEnumerable<(BicepNode Node, string Type, string Version)> Resources(BicepFile file) =>
        file.Root.Children.Where(node => node.Kind == "resource_declaration").SelectMany(node => Resources(node, "", ""));

    static IEnumerable<(BicepNode Node, string Type, string Version)> Resources(BicepNode node, string outer, string version)
    {
        string[] parts = BicepFile.Target(node).Split('@');
        string type = outer.Length > 0 ? $"{outer}/{parts[0]}" : parts[0], at = parts.Length > 1 ? parts[1] : version;
        IEnumerable<BicepNode> inner = node.Body()?.Children.SelectMany(child => child.Children).Where(child => child.Kind == "resource_declaration") ?? [];
        return inner.SelectMany(child => Resources(child, type, at)).Prepend((node, type, at));
    }

    static async Task<IEnumerable<string>> Resource(BicepFile file, BicepNode node, string type, string version)
    {
        if (await ResourceSchemas.Of(type) is not { Body: { } body } schema)
        {
            return [$"{file.At(node)}: there is no {type}."];
        }
        List<string> problems = [];
        string newer = s_newer.FirstOrDefault(pair => type.StartsWith(pair.Key, StringComparison.OrdinalIgnoreCase)).Value ?? schema.Version;
        if (version != newer)
        {
            problems.Add($"{file.At(node)}: {type} is at {newer}, not {version}.");
        }
        bool existing = node.Text[..(node.Text.IndexOf('=', StringComparison.Ordinal) + 1)].Contains(" existing ", StringComparison.Ordinal);
        if (node.Body() is not { } value)
        {
            return problems.Append($"{file.At(node)}: no object.");
        }
        foreach ((string key, BicepNode part) in value.Properties().Where(property => property.Key is not ("parent" or "scope" or "dependsOn")))
        {
            Check(file, schema, body, key, part, problems);
        }
        return existing ? problems : problems.Concat(Missing(file, value, body, "name"));
    }

    static async Task<IEnumerable<string>> HandedOn(BicepFile file, BicepNode module, string parameter, string type, string name)
    {
        List<string> problems = [];
        if (module.Body()?.Property("params")?.Property(parameter) is { } value)
        {
            ResourceSchema schema = (await ResourceSchemas.Of(type))!;
            Assert.NotNull(schema.Object(name));
            Value(file, schema, name, value, problems);
        }
        return problems;
    }

    static void Check(BicepFile file, ResourceSchema schema, SchemaObject type, string key, BicepNode value, List<string> problems)
    {
        if (type.Property(key) is { } property)
        {
            if (property.IsReadOnly)
            {
                problems.Add($"{file.At(value)}: {key} cannot be set.");
            }
            foreach (string literal in value.Outcomes().Select(outcome => outcome.Literal).OfType<string>())
            {
                if (property.Values.Count > 0 && !property.Values.Contains(literal))
                {
                    problems.Add($"{file.At(value)}: {key} is one of {string.Join(", ", property.Values)}, not {literal}.");
                }
            }
            Value(file, schema, property.Type, value, problems);
        }
        else if (type.OtherType is { } other)
        {
            Value(file, schema, other, value, problems);
        }
        else
        {
            problems.Add($"{file.At(value)}: there is no property {key}.");
        }
    }

    // Values whose form only a run would tell, such as parameters, are not looked into.
    static void Value(BicepFile file, ResourceSchema schema, string type, BicepNode value, List<string> problems)
    {
        bool list = type.EndsWith("[]", StringComparison.Ordinal);
        foreach (BicepNode outcome in value.Outcomes())
        {
            if (outcome.Kind == "array")
            {
                foreach (BicepNode element in outcome.Children)
                {
                    Value(file, schema, list ? type[..^2] : type, element, problems);
                }
            }
            else if (outcome.Kind == "object" && schema.Object(list ? type[..^2] : type) is { } found)
            {
                foreach ((string key, BicepNode part) in outcome.Properties())
                {
                    Check(file, schema, found, key, part, problems);
                }
                problems.AddRange(Missing(file, outcome, found));
            }
        }
    }

    static IEnumerable<string> Missing(BicepFile file, BicepNode value, SchemaObject type, params string[] also) => type.Required
        .Where(property => !property.IsReadOnly).Select(property => property.Name).Union(also)
        .Except(value.Properties().Select(property => property.Key)).Select(name => $"{file.At(value)}: {name} is missing.");
}
