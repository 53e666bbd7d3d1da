namespace Funion.Tests.Infrastructure;

/// <summary>A property of a schema's object; its type in the tool's words: <c>string</c>, <c>SchedulerSku</c>, <c>Cost | string</c>, <c>Container[]</c>.</summary>
sealed record SchemaProperty(string Name, string Type, string Flags)
{
    public bool IsRequired => Flags.Contains("Required", StringComparison.Ordinal);

    public bool IsReadOnly => Flags.Contains("ReadOnly", StringComparison.Ordinal);

    /// <summary>Values that the schema names, also where it leaves room for others that come later. Empty: any.</summary>
    public IReadOnlyList<string> Values { get; } = Type.Contains('|', StringComparison.Ordinal)
        ? [.. Type.Split('|', StringSplitOptions.TrimEntries).Select(value => value.Trim('\'')).Where(value => value != "string")]
        : [];
}
