namespace Funion.Tests.Infrastructure;

/// <summary>A node of a Bicep file's syntax, of the kinds that the tree-sitter grammar names.</summary>
/// <param name="Kind">As in the grammar: <c>module_declaration</c>, <c>object_property</c>.</param>
/// <param name="Field">The field of the parent, or null.</param>
/// <param name="Text">As written.</param>
/// <param name="Line">From 1.</param>
/// <param name="Children">Named ones, without comments.</param>
sealed record BicepNode(string Kind, string? Field, string Text, int Line, IReadOnlyList<BicepNode> Children)
{
    public IEnumerable<BicepNode> Descendants() => Children.SelectMany(child => child.Descendants().Prepend(child));

    public IEnumerable<BicepNode> Of(string kind) => Descendants().Where(node => node.Kind == kind);

    /// <summary>The name that a declaration gives, and the identifier of a plain expression.</summary>
    public string Name => Kind == "identifier" ? Text : Children.FirstOrDefault(child => child.Kind == "identifier")?.Text ?? "";

    /// <summary>What a string without interpolation says; null for anything else.</summary>
    public string? Literal => Kind == "string" && !Text.Contains("${", StringComparison.Ordinal) ? Text.Trim('\'') : null;

    /// <summary>Name and value of each property of an object. A resource within a resource has none.</summary>
    public IEnumerable<(string Key, BicepNode Value)> Properties() => Children
        .Where(child => child.Kind == "object_property" && child.Children.Count == 2)
        .Select(property => (property.Children[0].Text.Trim('\''), property.Children[1]));

    /// <summary>The value of a property, or null.</summary>
    public BicepNode? Property(string key) => Properties().Where(property => property.Key == key).Select(property => property.Value).FirstOrDefault();

    /// <summary>The object that a declaration makes, behind its loop and its condition.</summary>
    public BicepNode? Body() => Kind == "object" ? this
        : Children.Where(child => child.Kind is "object" or "if_statement" or "for_statement").Select(child => child.Body()).FirstOrDefault(body => body is not null);

    /// <summary>Every value that an expression can have, as far as its form says: both sides of a condition, the body of a loop or of a lambda.</summary>
    public IEnumerable<BicepNode> Outcomes() => Kind switch
    {
        "ternary_expression" => Children.Where(child => child.Field is "consequence" or "alternative").SelectMany(child => child.Outcomes()),
        "for_statement" or "if_statement" or "parenthesized_expression" => Children[^1].Outcomes(),
        "call_expression" when Name is "map" => Of("lambda_expression").Take(1).SelectMany(lambda => lambda.Children[^1].Outcomes()),
        _ => [this],
    };
}
