using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Funion.Private.Attestation;

/// <summary>JSON as tokens and policies have it: no name twice, nothing deep, no surprise in a type.</summary>
static class JsonRules
{
    static readonly SearchValues<byte> s_foreign = SearchValues.Create("=+/ \r\n\t"u8);

    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? TextOf(value) : null;

    public static long? Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt64(out long number) ? number : null;

    public static bool? Flag(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            ? value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null } : null;

    public static byte[]? Base64(JsonElement element, string name)
    {
        if (Text(element, name) is not { } text)
        {
            return null;
        }
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int written) ? bytes[..written] : null;
    }

    /// <summary>32 bytes in lower-case hex.</summary>
    public static Bytes32? Hash(JsonElement element, string name) =>
        Text(element, name) is { Length: 2 * Bytes32.Size } text && text.All(char.IsAsciiHexDigitLower) ? new Bytes32(Convert.FromHexString(text)) : null;

    public static byte[]? Base64Url(JsonElement element, string name) => Text(element, name) is { } text ? Base64Url(Encoding.UTF8.GetBytes(text)) : null;

    public static byte[]? Base64Url(ReadOnlySpan<byte> text)
    {
        if (text.ContainsAny(s_foreign) || !System.Buffers.Text.Base64Url.IsValid(text, out int length))
        {
            return null;
        }
        byte[] bytes = new byte[length];
        return System.Buffers.Text.Base64Url.TryDecodeFromUtf8(text, bytes, out int written) && written == length ? bytes : null;
    }

    static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }
}
