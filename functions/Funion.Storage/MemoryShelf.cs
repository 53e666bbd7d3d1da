using System.Buffers;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>
/// One epoch of one shelf. Its owner locks. A value of 32 bytes under a name of 32 bytes in hex, as every replay tag is, takes a hundred bytes and not three
/// hundred: a mix keeps a day of them. The order of other names is kept once somebody lists, for most shelves are never listed.
/// </summary>
sealed class MemoryShelf
{
    readonly Dictionary<string, StoredValue> _values = new(StringComparer.Ordinal);

    /// <summary>What was never replaced. Its version is its content: who saw it and finds it again finds what he saw.</summary>
    readonly Dictionary<Bytes32, Bytes32> _short = [];

    SortedSet<string>? _order;

    public int Count => _values.Count + _short.Count;

    public bool Contains(string name) => TryRead(name, out Bytes32 key) && _short.ContainsKey(key) || _values.ContainsKey(name);

    public StoredValue? Find(string name) => TryRead(name, out Bytes32 key) && _short.TryGetValue(key, out Bytes32 value)
        ? new StoredValue(value.AsSpan().ToArray(), value.ToString())
        : _values.GetValueOrDefault(name);

    /// <summary>Adds a name that is not there.</summary>
    public void Add(string name, ReadOnlyMemory<byte> value, long version)
    {
        if (value.Length == Bytes32.Size && TryRead(name, out Bytes32 key))
        {
            _short.Add(key, new Bytes32(value.Span));
        }
        else
        {
            AddLong(name, value, version);
        }
    }

    /// <summary>Another value for a name that is there.</summary>
    public void Replace(string name, ReadOnlyMemory<byte> value, long version)
    {
        Remove(name);
        AddLong(name, value, version);
    }

    public bool Remove(string name)
    {
        if (TryRead(name, out Bytes32 key) && _short.Remove(key))
        {
            return true;
        }
        _order?.Remove(name);
        return _values.Remove(name);
    }

    /// <summary>The names that begin with a prefix, in order.</summary>
    public IEnumerable<string> NamesWith(string prefix)
    {
        _order ??= new SortedSet<string>(_values.Keys, StringComparer.Ordinal);
        // U+FFFF sorts behind every name, so the view is exactly the names that begin with the prefix.
        string[] names = prefix.Length == 0 ? [.. _order] : [.. _order.GetViewBetween(prefix, prefix + '\uffff')];
        Bytes32[] keys = [.. _short.Keys.Where(key => prefix.Length == 0 || key.ToString().StartsWith(prefix, StringComparison.Ordinal))];
        // Hex sorts as its bytes do.
        Array.Sort(keys, (a, b) => a.AsSpan().SequenceCompareTo(b.AsSpan()));
        return Merge(names, keys);
    }

    static IEnumerable<string> Merge(string[] names, Bytes32[] keys)
    {
        int at = 0;
        foreach (Bytes32 key in keys)
        {
            string hex = key.ToString();
            while (at < names.Length && string.CompareOrdinal(names[at], hex) < 0)
            {
                yield return names[at++];
            }
            yield return hex;
        }
        while (at < names.Length)
        {
            yield return names[at++];
        }
    }

    void AddLong(string name, ReadOnlyMemory<byte> value, long version)
    {
        _values.Add(name, new StoredValue(value.ToArray(), version.ToString()));
        _order?.Add(name);
    }

    /// <summary>Only what is written back as it was read.</summary>
    static bool TryRead(string name, out Bytes32 key)
    {
        key = default;
        Span<byte> bytes = stackalloc byte[Bytes32.Size];
        if (name.Length != 2 * Bytes32.Size || name.AsSpan().IndexOfAnyInRange('A', 'F') >= 0
            || Convert.FromHexString(name, bytes, out _, out _) != OperationStatus.Done)
        {
            return false;
        }
        key = new Bytes32(bytes);
        return true;
    }
}
