using System.Text.Json;

namespace Funion.Tests.Infrastructure;

/// <summary>A resource type: its version and the objects it is made of.</summary>
sealed class ResourceSchema
{
    readonly Dictionary<string, SchemaObject> _objects = [];

    public ResourceSchema(JsonElement answer)
    {
        foreach (JsonElement element in answer.EnumerateArray())
        {
            string kind = element.GetProperty("$type").GetString()!, name = element.TryGetProperty("name", out JsonElement said) ? said.GetString()! : "";
            if (kind == "Resource")
            {
                Version = name.Split('@')[1];
                Body = new SchemaObject(element.GetProperty("bodyType"));
            }
            else if (kind == "Object")
            {
                _objects.TryAdd(name, new SchemaObject(element));
            }
        }
    }

    public string Version { get; } = "";

    /// <summary>Null for a type whose form depends on a property.</summary>
    public SchemaObject? Body { get; }

    /// <summary>The object of a name, or null: a plain value, or one whose form the tool does not say.</summary>
    public SchemaObject? Object(string type) => _objects.GetValueOrDefault(type);
}
