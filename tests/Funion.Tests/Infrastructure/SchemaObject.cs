using System.Text.Json;

namespace Funion.Tests.Infrastructure;

/// <summary>An object of a schema: its properties by name, and the type of all others, where others are allowed.</summary>
sealed class SchemaObject(JsonElement element)
{
    readonly Dictionary<string, SchemaProperty> _properties = element.GetProperty("properties").EnumerateArray().Select(property => new SchemaProperty(
            property.GetProperty("name").GetString()!, property.GetProperty("type").GetString()!,
            property.TryGetProperty("flags", out JsonElement flags) ? flags.GetString()! : ""))
        .DistinctBy(property => property.Name).ToDictionary(property => property.Name);

    public string? OtherType { get; } = element.TryGetProperty("additionalPropertiesType", out JsonElement type) ? type.GetString() : null;

    public IEnumerable<SchemaProperty> Required => _properties.Values.Where(property => property.IsRequired);

    public SchemaProperty? Property(string name) => _properties.GetValueOrDefault(name);
}
