using System.Text.Json.Nodes;

namespace Funion.Tests.Containers;

/// <summary>As much YAML as the compose file uses: block maps and lists, plain and quoted scalars, a flow list, a folded text, anchors and merges.</summary>
sealed class Yaml
{
    readonly List<(int Indent, string Text)> _lines;
    readonly Dictionary<string, JsonNode> _anchors = [];
    int _at;

    Yaml(string text) => _lines = [.. text.Split('\n')
        .Where(line => line.Trim().Length > 0 && line.TrimStart()[0] != '#')
        .Select(line => (line.Length - line.TrimStart().Length, line.Trim()))];

    public static JsonObject Parse(string text)
    {
        Yaml yaml = new(text);
        JsonObject document = yaml.Map(0);
        return yaml._at == yaml._lines.Count ? document : throw new FormatException($"Read as far as '{yaml._lines[yaml._at].Text}'.");
    }

    JsonObject Map(int indent)
    {
        JsonObject map = [];
        for (; _at < _lines.Count && _lines[_at].Indent == indent && !_lines[_at].Text.StartsWith("- ", StringComparison.Ordinal);)
        {
            string text = _lines[_at].Text;
            int colon = text.IndexOf(text.EndsWith(':') ? ":" : ": ", StringComparison.Ordinal);
            string key = text[..colon], value = text[(colon + 1)..].Trim();
            _at++;
            if (key == "<<")
            {
                foreach ((string name, JsonNode? merged) in _anchors[value[1..]].AsObject())
                {
                    map[name] = merged!.DeepClone();
                }
                continue;
            }
            map[key] = Value(value, indent);
        }
        return map;
    }

    JsonNode? Value(string value, int indent)
    {
        if (value.StartsWith('&'))
        {
            return _anchors[value[1..]] = Block(indent);
        }
        if (value == ">-")
        {
            List<string> folded = [];
            for (; _at < _lines.Count && _lines[_at].Indent > indent; _at++)
            {
                folded.Add(_lines[_at].Text);
            }
            return string.Join(' ', folded);
        }
        // In a flow list and in quotes YAML here is JSON.
        return value.Length == 0 ? BlockOrNothing(indent) : value[0] is '[' or '"' ? JsonNode.Parse(value) : value;
    }

    JsonNode? BlockOrNothing(int indent) => _at < _lines.Count && _lines[_at].Indent > indent ? Block(indent) : null;

    JsonNode Block(int indent)
    {
        int inner = _lines[_at].Indent;
        Assert.True(inner > indent, $"Nothing stands before '{_lines[_at].Text}'.");
        if (!_lines[_at].Text.StartsWith("- ", StringComparison.Ordinal))
        {
            return Map(inner);
        }
        JsonArray list = [];
        for (; _at < _lines.Count && _lines[_at].Indent == inner;)
        {
            list.Add(Value(_lines[_at++].Text[2..], inner));
        }
        return list;
    }
}
