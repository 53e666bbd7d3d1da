using Funion.Roles;

namespace Funion.Storage;

/// <summary>One epoch of one shelf. Its owner locks. The order of names is kept only once somebody lists: most shelves are never listed.</summary>
sealed class MemoryShelf
{
    SortedSet<string>? _order;

    public Dictionary<string, StoredValue> Values { get; } = new(StringComparer.Ordinal);

    public void Add(string name, StoredValue value)
    {
        Values.Add(name, value);
        _order?.Add(name);
    }

    public bool Remove(string name)
    {
        _order?.Remove(name);
        return Values.Remove(name);
    }

    public string[] NamesWith(string prefix)
    {
        _order ??= new SortedSet<string>(Values.Keys, StringComparer.Ordinal);
        // U+FFFF sorts behind every name, so the view is exactly the names that begin with the prefix.
        return prefix.Length == 0 ? [.. _order] : [.. _order.GetViewBetween(prefix, prefix + '\uffff')];
    }
}
