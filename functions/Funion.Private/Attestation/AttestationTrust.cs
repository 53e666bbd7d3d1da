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
    public static AttestationTrust? TryParse(ReadOnlySpan<byte> json) => TryParse(json, out _);

    /// <summary>The same; says in a clause what is wrong, or what is left open.</summary>
    public static AttestationTrust? TryParse(ReadOnlySpan<byte> json, out string problem)
    {
        problem = "it is no JSON object";
        if (json.Length > MaxSize)
        {
            problem = $"it is longer than {MaxSize} bytes";
            return null;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(json.ToArray(), JsonRules.Document);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object ? Read(root, out problem) : null;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    static AttestationTrust? Read(JsonElement root, out string problem)
    {
        string? issuer = JsonRules.Text(root, "issuer");
        string[]? measurements = Hex(root, "measurements", 48), hostData = Hex(root, "host_data", 32);
        Dictionary<string, RSAParameters>? keys = root.TryGetProperty("keys", out JsonElement set) ? ReadKeys(set) : null;
        long? age = JsonRules.Number(root, "max_age_s") is { } seconds and >= 1 and <= 31_536_000 ? seconds : null;
        bool isListed = root.TryGetProperty("firmware", out JsonElement versions) && versions.ValueKind == JsonValueKind.Object;
        Dictionary<string, int> firmware = [];
        foreach (JsonProperty version in isListed ? versions.EnumerateObject() : default)
        {
            if (!s_firmware.Contains(version.Name) || JsonRules.Number(versions, version.Name) is not { } least || least is < 0 or > 255)
            {
                problem = $"'firmware' has least versions of {string.Join(", ", s_firmware)}, 0 to 255 each, and not '{version.Name}' as it stands";
                return null;
            }
            firmware[version.Name] = (int)least;
        }
        problem = issuer is null ? "it leaves 'issuer' open, the URL of the attestation service"
            : keys is null ? "it leaves 'keys' open, the service's RSA keys of 2,048 bits or more as a JSON Web Key Set"
            : measurements is null ? "it leaves 'measurements' open, a list of 96 hex digits each"
            : hostData is null ? "it leaves 'host_data' open, a list of 64 hex digits each"
            : age is null ? "it leaves 'max_age_s' open, 1 to 31536000 seconds"
            : Array.Find(s_demanded, part => !firmware.ContainsKey(part)) is { } open ? $"'firmware' leaves '{open}' open, its least security version"
            : "";
        return problem.Length > 0 ? null : new AttestationTrust(issuer!, keys!, measurements!, hostData!, firmware, TimeSpan.FromSeconds(age!.Value));
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
