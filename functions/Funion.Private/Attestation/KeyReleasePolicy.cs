using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Funion.Private.Attestation;

/// <summary>
/// Under which claims a key vault releases the enclave's sealing root: the same as <see cref="AzureEvidence"/> demands, so that no enclave gets the key that a client
/// would not trust. The infrastructure puts it on the key.
/// <para>
/// Firmware: vaults compare with "equals" only, so a part is named with its least version and the next <see cref="Versions"/> − 1. A processor that is newer by more gets its key by a new policy;
/// one that is older gets none.
/// </para>
/// <list type="bullet">
/// <item>References: Microsoft Learn, "Azure Key Vault secure key release policy grammar", version 1.0.0.</item>
/// </list>
/// </summary>
public static class KeyReleasePolicy
{
    /// <summary>Versions of a part of the firmware that a policy names.</summary>
    public const int Versions = 16;

    const int GreatestVersion = 255;

    /// <summary>The policy of what somebody trusts. One branch for each pair of measurements: the grammar knows no lists.</summary>
    public static JsonObject Of(AttestationTrust trust)
    {
        ArgumentNullException.ThrowIfNull(trust);
        JsonArray branches = [];
        foreach (string measurement in trust.Measurements)
        {
            foreach (string hostData in trust.HostData)
            {
                JsonArray all =
                [
                    Claim("x-ms-attestation-type", "sevsnpvm"), Claim("x-ms-sevsnpvm-is-debuggable", "false"), Claim("x-ms-compliance-status", "azure-compliant-uvm"),
                    Claim("x-ms-sevsnpvm-launchmeasurement", measurement), Claim("x-ms-sevsnpvm-hostdata", hostData),
                    .. trust.Firmware.Select(part => Firmware(AttestationTrust.ClaimOf(part.Key), part.Value)),
                ];
                branches.Add(new JsonObject { ["authority"] = trust.Issuer, ["allOf"] = all });
            }
        }
        return new JsonObject { ["version"] = "1.0.0", ["anyOf"] = branches };
    }

    /// <summary>Whether a vault with this policy would release a key for these claims.</summary>
    public static bool Releases(JsonObject policy, JsonElement claims)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy["anyOf"]!.AsArray().Any(branch => JsonRules.Text(claims, "iss") == (string?)branch!["authority"]
            && branch["allOf"]!.AsArray().All(condition => Holds(condition!, claims)));
    }

    static JsonObject Claim(string name, string value) => new() { ["claim"] = name, ["equals"] = value };

    static JsonObject Firmware(string claim, int least) => new()
    {
        ["anyOf"] = new JsonArray([.. Enumerable.Range(least, Math.Min(Versions, GreatestVersion - least + 1)).Select(version => new JsonObject { ["claim"] = claim, ["equals"] = version })]),
    };

    static bool Holds(JsonNode condition, JsonElement claims) => condition["anyOf"] is JsonArray any
        ? any.Any(one => Holds(one!, claims))
        : Value(claims, (string)condition["claim"]!) is { } value && value == condition["equals"]!.ToString();

    static string? Value(JsonElement claims, string name) => JsonRules.Flag(claims, name) is { } flag ? flag ? "true" : "false"
        : JsonRules.Number(claims, name) is { } number ? number.ToString(CultureInfo.InvariantCulture) : JsonRules.Text(claims, name);
}
