using System.Buffers;
using System.Text.Json;

namespace Funion.Network;

/// <summary>
/// Reads an object whose members are all known beforehand. A missing, foreign or ill-typed member makes <see cref="Done"/> false and
/// every later answer a default, so that a parser reads straight through and asks once at the end.
/// </summary>
sealed class JsonFields
{
    readonly JsonElement _object;
    readonly int _members;
    int _read;
    bool _failed;

    public JsonFields(JsonElement value)
    {
        _object = value;
        _failed = value.ValueKind != JsonValueKind.Object;
        _members = _failed ? 0 : value.EnumerateObject().Count();
    }

    /// <summary>Every member was read, and each was what it should be.</summary>
    public bool Done => !_failed && _read == _members;

    public bool Has(string name) => !_failed && _object.TryGetProperty(name, out _);

    public long Integer(string name, long least, long most)
    {
        if (Take(name, JsonValueKind.Number) is { } value && value.TryGetInt64(out long integer) && integer >= least && integer <= most)
        {
            return integer;
        }

        _failed = true;
        return least;
    }

    public int Int(string name, int least, int most) => (int)Integer(name, least, most);

    public DateTimeOffset Time(string name) => DateTimeOffset.FromUnixTimeSeconds(Integer(name, 0, 253_402_300_799));

    public string Text(string name, int longest)
    {
        string text = Take(name, JsonValueKind.String)?.GetString() ?? "";
        _failed |= text.Length > longest;
        return _failed ? "" : text;
    }

    /// <summary>Lower-case hex of exactly so many bytes.</summary>
    public byte[] Bytes(string name, int size)
    {
        if (TryHex(Text(name, 2 * size), size, out byte[] bytes))
        {
            return bytes;
        }

        _failed = true;
        return bytes;
    }

    /// <summary>Lower-case hex of one byte at least and so many at most.</summary>
    public byte[] BytesUpTo(string name, int most)
    {
        string text = Text(name, 2 * most);
        if (text.Length > 0 && TryHex(text, text.Length / 2, out byte[] bytes))
        {
            return bytes;
        }

        _failed = true;
        return [];
    }

    /// <summary>An array whose items all parse; <paramref name="parse"/> gives null for one that does not.</summary>
    public List<T> List<T>(string name, int most, Func<JsonElement, T?> parse)
        where T : class
    {
        List<T> items = [];
        if (Take(name, JsonValueKind.Array) is not { } array || array.GetArrayLength() > most)
        {
            _failed = true;
            return items;
        }

        foreach (JsonElement item in array.EnumerateArray())
        {
            if (parse(item) is not { } parsed)
            {
                _failed = true;
                return items;
            }

            items.Add(parsed);
        }

        return items;
    }

    public List<long> Integers(string name, int mostItems, long least, long most) =>
        [.. List(name, mostItems, item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long value)
            && value >= least && value <= most ? (object)value : null).Cast<long>()];

    public JsonFields Object(string name) => new(Take(name, JsonValueKind.Object) ?? default);

    public static bool TryHex(string text, int size, out byte[] bytes)
    {
        bytes = new byte[size];
        return text.Length == 2 * size && !text.AsSpan().ContainsAnyInRange('A', 'F')
            && Convert.FromHexString(text, bytes, out _, out int written) == OperationStatus.Done && written == size;
    }

    JsonElement? Take(string name, JsonValueKind kind)
    {
        if (_failed || !_object.TryGetProperty(name, out JsonElement value) || value.ValueKind != kind)
        {
            _failed = true;
            return null;
        }

        _read++;
        return value;
    }
}
