using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Funion.Network;

/// <summary>
/// RFC 8785 (JSON Canonicalization Scheme) without null and without numbers other than integers of at most 53 bits: no white space,
/// members ordered by UTF-16 code units, the shortest escapes, UTF-8. One value has one encoding, and nothing else parses.
/// </summary>
public static class CanonicalJson
{
    /// <summary>Largest text that is looked at, in bytes.</summary>
    public const int MaxSize = 1 << 22;

    /// <summary>Deepest nesting.</summary>
    public const int MaxDepth = 16;

    /// <summary>Largest magnitude of an integer: 2^53 - 1, as I-JSON (RFC 7493) has it.</summary>
    public const long MaxInteger = (1L << 53) - 1;

    static readonly JsonDocumentOptions Strict = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
        MaxDepth = MaxDepth,
    };

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The canonical bytes.</summary>
    /// <exception cref="ArgumentException">The value holds null, a fraction, or text that is not Unicode.</exception>
    public static byte[] Encode(JsonNode value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using JsonDocument document = JsonDocument.Parse(value.ToJsonString());
        return TryWrite(document.RootElement, out byte[]? bytes)
            ? bytes
            : throw new ArgumentException("Canonical JSON holds integers, text, arrays, objects and booleans.", nameof(value));
    }

    /// <summary>Parses text that is canonical to the byte; everything else is refused.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out JsonElement value)
    {
        value = default;
        if (text.Length > MaxSize)
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text.ToArray(), Strict);
            if (!TryWrite(document.RootElement, out byte[]? again) || !text.SequenceEqual(again))
            {
                return false;
            }

            value = document.RootElement.Clone();
            return true;
        }
        catch (Exception refused) when (refused is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Canonical bytes of a value that was parsed; of an object inside a larger one, those that it stands there with.</summary>
    internal static bool TryWrite(JsonElement value, [NotNullWhen(true)] out byte[]? bytes)
    {
        ArrayBufferWriter<byte> output = new();
        try
        {
            bytes = Write(value, output) ? output.WrittenSpan.ToArray() : null;
        }
        catch (Exception notUnicode) when (notUnicode is InvalidOperationException or EncoderFallbackException)
        {
            bytes = null;
        }

        return bytes is not null;
    }

    static bool Write(JsonElement value, ArrayBufferWriter<byte> output)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.True:
                output.Write("true"u8);
                return true;
            case JsonValueKind.False:
                output.Write("false"u8);
                return true;
            case JsonValueKind.String:
                WriteText(value.GetString()!, output);
                return true;
            case JsonValueKind.Number:
                return WriteInteger(value, output);
            case JsonValueKind.Array:
                return WriteArray(value, output);
            case JsonValueKind.Object:
                return WriteObject(value, output);
            default:
                return false;
        }
    }

    static bool WriteInteger(JsonElement value, ArrayBufferWriter<byte> output)
    {
        if (!value.TryGetInt64(out long integer) || integer is > MaxInteger or < -MaxInteger)
        {
            return false;
        }

        output.Write(Utf8.GetBytes(integer.ToString(CultureInfo.InvariantCulture)));
        return true;
    }

    static bool WriteArray(JsonElement value, ArrayBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> separator = "["u8;
        foreach (JsonElement item in value.EnumerateArray())
        {
            output.Write(separator);
            separator = ","u8;
            if (!Write(item, output))
            {
                return false;
            }
        }

        output.Write(value.GetArrayLength() == 0 ? "[]"u8 : "]"u8);
        return true;
    }

    static bool WriteObject(JsonElement value, ArrayBufferWriter<byte> output)
    {
        JsonProperty[] members = [.. value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal)];
        output.Write("{"u8);
        for (int i = 0; i < members.Length; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }

            WriteText(members[i].Name, output);
            output.Write(":"u8);
            if (!Write(members[i].Value, output))
            {
                return false;
            }
        }

        output.Write("}"u8);
        return true;
    }

    // RFC 8785 section 3.2.2.2.
    static void WriteText(string text, ArrayBufferWriter<byte> output)
    {
        StringBuilder escaped = new("\"");
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\b' => escaped.Append("\\b"),
                '\t' => escaped.Append("\\t"),
                '\n' => escaped.Append("\\n"),
                '\f' => escaped.Append("\\f"),
                '\r' => escaped.Append("\\r"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => escaped.Append(c),
            };
        }

        output.Write(Utf8.GetBytes(escaped.Append('"').ToString()));
    }
}
