using System.Security.Cryptography;
using System.Text.Json;

namespace Funion.Private.Attestation;

/// <summary>
/// What whoever verifies evidence believes: whose signatures, which code, which firmware, how old. A file that is pinned like the keys of a network's authorities.
/// <code>
/// {"issuer":"https://…","keys":{"keys":[{"kty":"RSA","kid":…,"n":…,"e":…}]},"measurements":["hex"],"host_data":["hex"],
///  "firmware":{"bootloader":3,"tee":0,"snpfw":8,"microcode":115},"max_age_s":3600}
/// </code>
/// </summary>
/// <param name="Issuer">The attestation service.</param>
/// <param name="Keys">Its signing keys by their id.</param>
/// <param name="Measurements">Launch measurements of the utility VM, 48 bytes in hex.</param>
/// <param name="HostData">SHA-256 of the container group's policy, in hex: this names image and command line.</param>
/// <param name="Firmware">Least security versions, by name: of bootloader, tee, snpfw and microcode, and of the guest if one likes.</param>
/// <param name="MaxAge">Of evidence.</param>
public sealed record AttestationTrust(
    string Issuer, IReadOnlyDictionary<string, RSAParameters> Keys, IReadOnlyList<string> Measurements, IReadOnlyList<string> HostData,
    IReadOnlyDictionary<string, int> Firmware, TimeSpan MaxAge)
{
    /// <summary>Longest file.</summary>
    const int MaxSize = 1 << 20;

    const int LeastKeyBytes = 256;

    /// <summary>What a processor's security version consists of. All of them have to be named: what is not is open.</summary>
    static readonly string[] s_demanded = ["bootloader", "tee", "snpfw", "microcode"];

    static readonly string[] s_firmware = [.. s_demanded, "guest"];

    /// <summary>The claim of a token that says the security version of a part.</summary>
    internal static string ClaimOf(string part) => part == "guest" ? "x-ms-sevsnpvm-guestsvn" : $"x-ms-sevsnpvm-{part}-svn";

    /// <summary>Reads a file; null when it is none, or leaves anything open: an empty list allows nothing.</summary>
    public static AttestationTrust? TryParse(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxSize)
        {
            return null;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(json.ToArray(), JsonRules.Document);
            JsonElement root = document.RootElement;
            string? issuer = JsonRules.Text(root, "issuer");
            string[]? measurements = Hex(root, "measurements", 48), hostData = Hex(root, "host_data", 32);
            if (issuer is null || measurements is null || hostData is null || !root.TryGetProperty("keys", out JsonElement set) || ReadKeys(set) is not { } keys
                || JsonRules.Number(root, "max_age_s") is not { } age || age is < 1 or > 31_536_000 || !root.TryGetProperty("firmware", out JsonElement versions)
                || versions.ValueKind != JsonValueKind.Object)
            {
                return null;
            }
            Dictionary<string, int> firmware = [];
            foreach (JsonProperty version in versions.EnumerateObject())
            {
                if (!s_firmware.Contains(version.Name) || JsonRules.Number(versions, version.Name) is not { } least || least is < 0 or > 255)
                {
                    return null;
                }
                firmware[version.Name] = (int)least;
            }
            return !s_demanded.All(firmware.ContainsKey) ? null : new AttestationTrust(issuer, keys, measurements, hostData, firmware, TimeSpan.FromSeconds(age));
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    static Dictionary<string, RSAParameters>? ReadKeys(JsonElement set)
    {
        if (set.ValueKind != JsonValueKind.Object || !set.TryGetProperty("keys", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }
        Dictionary<string, RSAParameters> keys = [];
        foreach (JsonElement key in list.EnumerateArray())
        {
            if (JsonRules.Text(key, "kty") != "RSA" || JsonRules.Text(key, "kid") is not { } id || JsonRules.Base64Url(key, "n") is not { } modulus
                || JsonRules.Base64Url(key, "e") is not { Length: > 0 and <= 8 } exponent || modulus.Length is < LeastKeyBytes or > 1_024 || modulus[0] == 0
                || !keys.TryAdd(id, new RSAParameters { Modulus = modulus, Exponent = exponent }))
            {
                return null;
            }
        }
        return keys;
    }

    static string[]? Hex(JsonElement root, string name, int bytes)
    {
        if (!root.TryGetProperty(name, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            return null;
        }
        string[] values = [.. list.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.String ? value.GetString()!.ToLowerInvariant() : "")];
        return values.All(value => value.Length == 2 * bytes && value.All(char.IsAsciiHexDigitLower)) ? values : null;
    }
}
