using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;

namespace Funion.Tests.Private.Enclaves;

/// <summary>An attestation service with a key of its own, which says what a test wants it to say, in the form that Microsoft Azure Attestation has.</summary>
sealed class AttestationAuthority : IDisposable
{
    public const string Issuer = "https://funiontest.weu.attest.azure.net", KeyId = "signing-key-1";

    public static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    readonly RSA _key = RSA.Create(2_048);

    public AttestationAuthority()
    {
        byte[] code = [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 5))];
        Identity = new EnclaveIdentity(Bytes(1), Bytes(2), new Bytes32(code), Bytes(4), Bytes(5), 9, Bytes(6));
        Measurement = Convert.ToHexStringLower([.. Enumerable.Repeat((byte)0xab, 48)]);
    }

    public EnclaveIdentity Identity { get; }

    public string Measurement { get; }

    /// <summary>What a confidential container's token says.</summary>
    public JsonObject Claims() => new()
    {
        ["iss"] = Issuer, ["iat"] = Now.ToUnixTimeSeconds() - 60, ["nbf"] = Now.ToUnixTimeSeconds() - 60, ["exp"] = Now.ToUnixTimeSeconds() + 28_740, ["jti"] = "1f", ["x-ms-ver"] = "1.0",
        ["x-ms-attestation-type"] = "sevsnpvm", ["x-ms-compliance-status"] = "azure-compliant-uvm", ["x-ms-sevsnpvm-is-debuggable"] = false,
        ["x-ms-sevsnpvm-launchmeasurement"] = Measurement, ["x-ms-sevsnpvm-hostdata"] = Identity.Code.ToString(), ["x-ms-sevsnpvm-vmpl"] = 0,
        ["x-ms-sevsnpvm-reportdata"] = Convert.ToHexStringLower(AzureEvidence.ReportData(Identity)),
        ["x-ms-sevsnpvm-bootloader-svn"] = 3, ["x-ms-sevsnpvm-tee-svn"] = 0, ["x-ms-sevsnpvm-snpfw-svn"] = 8, ["x-ms-sevsnpvm-microcode-svn"] = 115, ["x-ms-sevsnpvm-guestsvn"] = 2,
    };

    public byte[] Token(JsonObject claims, JsonObject? header = null)
    {
        header ??= new JsonObject { ["alg"] = "RS256", ["kid"] = KeyId, ["typ"] = "JWT", ["jku"] = Issuer + "/certs" };
        byte[] signed = Encoding.ASCII.GetBytes(Encode(header.ToJsonString()) + "." + Encode(claims.ToJsonString()));
        return [.. signed, (byte)'.', .. Encoding.ASCII.GetBytes(Base64Url.EncodeToString(_key.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)))];
    }

    public JsonObject TrustJson()
    {
        RSAParameters key = _key.ExportParameters(false);
        return new JsonObject
        {
            ["issuer"] = Issuer,
            ["keys"] = new JsonObject
            {
                ["keys"] = new JsonArray(new JsonObject
                {
                    ["kty"] = "RSA", ["kid"] = KeyId, ["n"] = Base64Url.EncodeToString(key.Modulus), ["e"] = Base64Url.EncodeToString(key.Exponent),
                }),
            },
            ["measurements"] = new JsonArray(Measurement), ["host_data"] = new JsonArray(Identity.Code.ToString()),
            ["firmware"] = new JsonObject { ["bootloader"] = 3, ["tee"] = 0, ["snpfw"] = 8, ["microcode"] = 115, ["guest"] = 2 }, ["max_age_s"] = 3_600,
        };
    }

    public AttestationTrust Trust() => AttestationTrust.TryParse(Encoding.UTF8.GetBytes(TrustJson().ToJsonString()))!;

    public void Dispose() => _key.Dispose();

    static Bytes32 Bytes(byte value) => new([.. Enumerable.Repeat(value, 32)]);

    static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
