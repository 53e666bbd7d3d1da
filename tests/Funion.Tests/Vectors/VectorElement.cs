using System.Text.Json;

namespace Funion.Tests.Vectors;

/// <summary>Reads the fields of a vector; byte strings are hex.</summary>
static class VectorElement
{
    public static byte[] Hex(this JsonElement vector, params string[] names)
    {
        foreach (string name in names)
        {
            if (vector.TryGetProperty(name, out JsonElement value))
            {
                return Convert.FromHexString(value.GetString()!);
            }
        }
        return [];
    }

    public static ulong Number(this JsonElement vector, string name) =>
        vector.TryGetProperty(name, out JsonElement value) ? value.GetUInt64() : 0;

    public static string Text(this JsonElement vector, string name) => vector.GetProperty(name).GetString()!;
}
