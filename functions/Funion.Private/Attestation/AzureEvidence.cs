using System.Security.Cryptography;
using System.Text.Json;
using Funion.Private.Enclaves;

namespace Funion.Private.Attestation;

/// <summary>
/// Evidence from Azure: an AMD SEV-SNP report of a confidential container, which Microsoft Azure Attestation has verified and says so in a token. The hardware signs 64 bytes of the
/// enclave's choice with its measurement: SHA-256 of the identity, then zeros.
/// <list type="bullet">
/// <item>References: Microsoft Learn, "Azure Attestation claim sets", SEV-SNP claims; AMD, "SEV-SNP ABI" (56860), table 23; the confidential sidecar's /attest/maa, which
/// hashes its runtime data with SHA-256 into the report.</item>
/// </list>
/// </summary>
public static class AzureEvidence
{
    /// <summary>How far clocks may be apart.</summary>
    static readonly TimeSpan s_skew = TimeSpan.FromMinutes(5);

    /// <summary>The 64 bytes that the hardware signs for an identity.</summary>
    public static byte[] ReportData(EnclaveIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return [.. SHA256.HashData(identity.ToBytes()), .. new byte[32]];
    }

    /// <summary>Verifies a token for an identity.</summary>
    public static AttestationOutcome Verify(ReadOnlySpan<byte> token, EnclaveIdentity identity, AttestationTrust trust, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(trust);
        AttestationOutcome outcome = JsonWebToken.TryRead(token, trust.Keys, out JsonDocument? document);
        if (document is null)
        {
            return outcome;
        }
        using (document)
        {
            JsonElement claims = document.RootElement;
            outcome = Times(claims, trust, now);
            return outcome != AttestationOutcome.Ok ? outcome : Claims(claims, identity, trust);
        }
    }

    static AttestationOutcome Times(JsonElement claims, AttestationTrust trust, DateTimeOffset now)
    {
        if (JsonRules.Text(claims, "iss") != trust.Issuer)
        {
            return AttestationOutcome.WrongIssuer;
        }
        if (JsonRules.Number(claims, "nbf") is not { } from || JsonRules.Number(claims, "exp") is not { } until || JsonRules.Number(claims, "iat") is not { } issued)
        {
            return AttestationOutcome.Malformed;
        }
        long seconds = now.ToUnixTimeSeconds(), skew = (long)s_skew.TotalSeconds;
        return from > seconds + skew || issued > seconds + skew ? AttestationOutcome.NotYetValid
            : until < seconds - skew || issued < seconds - skew - (long)trust.MaxAge.TotalSeconds ? AttestationOutcome.Expired
            : AttestationOutcome.Ok;
    }

    static AttestationOutcome Claims(JsonElement claims, EnclaveIdentity identity, AttestationTrust trust)
    {
        if (JsonRules.Text(claims, "x-ms-attestation-type") != "sevsnpvm")
        {
            return AttestationOutcome.WrongHardware;
        }
        if (JsonRules.Flag(claims, "x-ms-sevsnpvm-is-debuggable") != false)
        {
            return AttestationOutcome.Debuggable;
        }
        if (JsonRules.Text(claims, "x-ms-compliance-status") != "azure-compliant-uvm")
        {
            return AttestationOutcome.NotCompliant;
        }
        string? hostData = JsonRules.Text(claims, "x-ms-sevsnpvm-hostdata")?.ToLowerInvariant();
        if (!trust.Measurements.Contains(JsonRules.Text(claims, "x-ms-sevsnpvm-launchmeasurement")?.ToLowerInvariant()) || !trust.HostData.Contains(hostData))
        {
            return AttestationOutcome.UnknownMeasurement;
        }
        foreach ((string part, int least) in trust.Firmware)
        {
            if (JsonRules.Number(claims, AttestationTrust.ClaimOf(part)) is not { } version || version < least)
            {
                return AttestationOutcome.OldFirmware;
            }
        }
        if (JsonRules.Text(claims, "x-ms-sevsnpvm-reportdata")?.ToLowerInvariant() != Convert.ToHexStringLower(ReportData(identity)))
        {
            return AttestationOutcome.WrongBinding;
        }
        return identity.Code.ToString() == hostData ? AttestationOutcome.Ok : AttestationOutcome.WrongCode;
    }
}
