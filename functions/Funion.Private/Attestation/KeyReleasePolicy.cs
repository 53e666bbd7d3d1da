using System.Text.Json;
using System.Text.Json.Nodes;

namespace Funion.Private.Attestation;

/// <summary>
/// Under which claims a key vault releases the enclave's sealing root: the same as <see cref="AzureEvidence"/> demands, so that no enclave gets the key that a client
/// would not trust. The infrastructure puts it on the key.
/// <list type="bullet">
/// <item>References: Microsoft Learn, "Azure Key Vault secure key release policy grammar", version 1.0.0.</item>
/// </list>
/// </summary>
public static class KeyReleasePolicy
{
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
            && branch["allOf"]!.AsArray().All(claim => Value(claims, (string)claim!["claim"]!) == (string?)claim["equals"]));
    }

    static JsonObject Claim(string name, string value) => new() { ["claim"] = name, ["equals"] = value };

    static string? Value(JsonElement claims, string name) => JsonRules.Flag(claims, name) is { } flag ? flag ? "true" : "false" : JsonRules.Text(claims, name);
}
