using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;

namespace Funion.Tests.Private.Enclaves;

/// <summary>Evidence of hardware, sound and tampered with in every claim; the simulator's, which proves nothing; the command that verifies both.</summary>
public sealed class AttestationTests : IDisposable
{
    readonly AttestationAuthority _authority = new();

    [Fact]
    public void A_sound_token_is_taken() => Assert.Equal(AttestationOutcome.Ok, Verify(_authority.Token(_authority.Claims())));

    public static TheoryData<string, string?, AttestationOutcome> Tampered() => new()
    {
        { "iss", "\"https://elsewhere.attest.azure.net\"", AttestationOutcome.WrongIssuer },
        { "iss", null, AttestationOutcome.WrongIssuer },
        { "exp", "1", AttestationOutcome.Expired },
        { "exp", null, AttestationOutcome.Malformed },
        { "iat", "\"now\"", AttestationOutcome.Malformed },
        { "nbf", "9999999999", AttestationOutcome.NotYetValid },
        { "iat", "9999999999", AttestationOutcome.NotYetValid },
        { "x-ms-attestation-type", "\"sgx\"", AttestationOutcome.WrongHardware },
        { "x-ms-sevsnpvm-is-debuggable", "true", AttestationOutcome.Debuggable },
        { "x-ms-sevsnpvm-is-debuggable", "\"false\"", AttestationOutcome.Debuggable },
        { "x-ms-sevsnpvm-is-debuggable", null, AttestationOutcome.Debuggable },
        { "x-ms-compliance-status", "\"azure-signed-uvm\"", AttestationOutcome.NotCompliant },
        { "x-ms-compliance-status", null, AttestationOutcome.NotCompliant },
        { "x-ms-sevsnpvm-launchmeasurement", "\"00\"", AttestationOutcome.UnknownMeasurement },
        { "x-ms-sevsnpvm-launchmeasurement", null, AttestationOutcome.UnknownMeasurement },
        { "x-ms-sevsnpvm-hostdata", "\"1111111111111111111111111111111111111111111111111111111111111111\"", AttestationOutcome.UnknownMeasurement },
        { "x-ms-sevsnpvm-microcode-svn", "114", AttestationOutcome.OldFirmware },
        { "x-ms-sevsnpvm-guestsvn", null, AttestationOutcome.OldFirmware },
        { "x-ms-sevsnpvm-snpfw-svn", "\"8\"", AttestationOutcome.OldFirmware },
        { "x-ms-sevsnpvm-reportdata", "\"" + "00" + "\"", AttestationOutcome.WrongBinding },
        { "x-ms-sevsnpvm-reportdata", null, AttestationOutcome.WrongBinding },
    };

    [Theory]
    [MemberData(nameof(Tampered))]
    public void A_token_with_another_claim_is_refused_by_name(string claim, string? value, AttestationOutcome expected)
    {
        JsonObject claims = _authority.Claims();
        claims.Remove(claim);
        if (value is not null)
        {
            claims[claim] = JsonNode.Parse(value);
        }
        Assert.Equal(expected, Verify(_authority.Token(claims)));
    }

    [Fact]
    public void Every_part_of_the_identity_is_bound()
    {
        byte[] token = _authority.Token(_authority.Claims());
        Bytes32 other = new([.. Enumerable.Repeat((byte)0x77, 32)]);
        EnclaveIdentity identity = _authority.Identity;
        foreach (EnclaveIdentity changed in (EnclaveIdentity[])[identity with { SigningKey = other }, identity with { SealingKey = other }, identity with { Code = other },
            identity with { Policy = other }, identity with { ModelKey = other }, identity with { Counter = 10 }, identity with { Nonce = other }])
        {
            Assert.Equal(AttestationOutcome.WrongBinding, AzureEvidence.Verify(token, changed, _authority.Trust(), AttestationAuthority.Now));
        }
        // Bound, but to code that was not the code measured.
        EnclaveIdentity lying = identity with { Code = other };
        JsonObject claims = _authority.Claims();
        claims["x-ms-sevsnpvm-reportdata"] = Convert.ToHexStringLower(AzureEvidence.ReportData(lying));
        Assert.Equal(AttestationOutcome.WrongCode, AzureEvidence.Verify(_authority.Token(claims), lying, _authority.Trust(), AttestationAuthority.Now));
    }

    [Fact]
    public void Freshness_is_measured_from_when_it_was_issued()
    {
        byte[] token = _authority.Token(_authority.Claims());
        AttestationOutcome At(double minutes) => AzureEvidence.Verify(token, _authority.Identity, _authority.Trust(), AttestationAuthority.Now.AddMinutes(minutes));
        Assert.Equal(AttestationOutcome.Ok, At(63));
        Assert.Equal(AttestationOutcome.Expired, At(65));
        Assert.Equal(AttestationOutcome.Ok, At(-5));
        Assert.Equal(AttestationOutcome.NotYetValid, At(-7));
    }

    [Fact]
    public void Only_pinned_keys_and_one_algorithm_count()
    {
        using AttestationAuthority other = new();
        Assert.Equal(AttestationOutcome.WrongSignature, Verify(other.Token(_authority.Claims())));
        JsonObject Header(string algorithm, string key) => new() { ["alg"] = algorithm, ["kid"] = key, ["jku"] = "https://evil.example/certs" };
        Assert.Equal(AttestationOutcome.UnknownKey, Verify(_authority.Token(_authority.Claims(), Header("RS256", "another"))));
        foreach (string algorithm in (string[])["none", "HS256", "RS512", "rs256", "PS256"])
        {
            Assert.Equal(AttestationOutcome.Malformed, Verify(_authority.Token(_authority.Claims(), Header(algorithm, AttestationAuthority.KeyId))));
        }
        JsonObject critical = Header("RS256", AttestationAuthority.KeyId);
        critical["crit"] = new JsonArray("b64");
        Assert.Equal(AttestationOutcome.Malformed, Verify(_authority.Token(_authority.Claims(), critical)));
    }

    [Fact]
    public void No_byte_of_a_token_can_be_changed()
    {
        byte[] token = _authority.Token(_authority.Claims());
        for (int i = 0; i < token.Length; i += 7)
        {
            byte[] changed = [.. token];
            changed[i] = changed[i] == (byte)'A' ? (byte)'B' : (byte)'A';
            Assert.NotEqual(AttestationOutcome.Ok, Verify(changed));
        }
        Assert.NotEqual(AttestationOutcome.Ok, Verify(token.AsSpan(0, token.Length - 1)));
        Assert.NotEqual(AttestationOutcome.Ok, Verify([.. token, (byte)'=']));
    }

    [Fact]
    public void A_list_that_is_empty_allows_nothing_and_one_that_is_missing_is_no_trust()
    {
        foreach (string list in (string[])["measurements", "host_data"])
        {
            JsonObject json = _authority.TrustJson();
            json[list] = new JsonArray();
            AttestationTrust trust = AttestationTrust.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString()))!;
            Assert.Equal(AttestationOutcome.UnknownMeasurement, AzureEvidence.Verify(_authority.Token(_authority.Claims()), _authority.Identity, trust, AttestationAuthority.Now));
        }
        foreach (string part in (string[])["issuer", "keys", "measurements", "host_data", "firmware", "max_age_s"])
        {
            JsonObject json = _authority.TrustJson();
            json.Remove(part);
            Assert.Null(AttestationTrust.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString())));
        }
        // Firmware of which a part is not named, or none is: anything would do.
        foreach (string part in (string[])["bootloader", "tee", "snpfw", "microcode"])
        {
            JsonObject json = _authority.TrustJson();
            json["firmware"]!.AsObject().Remove(part);
            Assert.Null(AttestationTrust.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString())));
        }
        JsonObject any = _authority.TrustJson();
        any["firmware"] = new JsonObject();
        Assert.Null(AttestationTrust.TryParse(Encoding.UTF8.GetBytes(any.ToJsonString())));
        JsonObject short_ = _authority.TrustJson();
        short_["keys"]!["keys"]![0]!["n"] = "AQAB";
        Assert.Null(AttestationTrust.TryParse(Encoding.UTF8.GetBytes(short_.ToJsonString())));
    }

    [Fact]
    public void A_vault_releases_the_key_for_what_a_verifier_takes_and_for_nothing_else()
    {
        JsonObject policy = KeyReleasePolicy.Of(_authority.Trust());
        bool Releases(JsonObject claims) => KeyReleasePolicy.Releases(policy, JsonSerializer.SerializeToElement(claims));
        Assert.True(Releases(_authority.Claims()));
        foreach (string claim in (string[])["iss", "x-ms-attestation-type", "x-ms-sevsnpvm-is-debuggable", "x-ms-compliance-status", "x-ms-sevsnpvm-launchmeasurement", "x-ms-sevsnpvm-hostdata"])
        {
            JsonObject claims = _authority.Claims();
            claims[claim] = claim.EndsWith("debuggable", StringComparison.Ordinal) ? true : "another";
            Assert.False(Releases(claims));
            Assert.NotEqual(AttestationOutcome.Ok, Verify(_authority.Token(claims)));
        }
        foreach ((string part, int least) in _authority.Trust().Firmware)
        {
            string claim = part == "guest" ? "x-ms-sevsnpvm-guestsvn" : $"x-ms-sevsnpvm-{part}-svn";
            foreach ((JsonNode? version, bool released) in ((JsonNode?, bool)[])[
                (least, true), (least + 1, true), (least + KeyReleasePolicy.Versions, false), (least - 1, false), (null, false)])
            {
                JsonObject claims = _authority.Claims();
                claims[claim] = version;
                Assert.Equal(released, Releases(claims));
                Assert.True(!released || Verify(_authority.Token(claims)) == AttestationOutcome.Ok);
            }
        }
    }

    [Fact]
    public void The_simulators_evidence_is_refused_unless_it_is_asked_for()
    {
        AttestationFile file = new(AttestationFile.Simulated, _authority.Identity, SimulatedEvidence.Sign(_authority.Identity));
        Assert.Equal(AttestationOutcome.Simulated, file.Verify(_authority.Trust(), null, allowSimulator: false, AttestationAuthority.Now));
        Assert.Equal(AttestationOutcome.Ok, file.Verify(null, null, allowSimulator: true, AttestationAuthority.Now));
        Assert.Equal(AttestationOutcome.Ok, file.Verify(null, _authority.Identity.Nonce, allowSimulator: true, AttestationAuthority.Now));
        Assert.Equal(AttestationOutcome.WrongNonce, file.Verify(null, default(Bytes32), allowSimulator: true, AttestationAuthority.Now));
        AttestationFile other = file with { Identity = _authority.Identity with { Counter = 1 } };
        Assert.Equal(AttestationOutcome.WrongBinding, other.Verify(null, null, allowSimulator: true, AttestationAuthority.Now));
        // It is no token, whatever the file calls it.
        Assert.Equal(AttestationOutcome.Malformed, (file with { Kind = AttestationFile.Azure }).Verify(_authority.Trust(), null, true, AttestationAuthority.Now));
        Assert.Equal(AttestationOutcome.UnknownKey, new AttestationFile(AttestationFile.Azure, _authority.Identity, _authority.Token(_authority.Claims()))
            .Verify(null, null, true, AttestationAuthority.Now));
    }

    [Fact]
    public async Task The_command_says_what_was_attested_and_fails_with_its_own_code()
    {
        string folder = Directory.CreateTempSubdirectory("funion-attest-").FullName;
        string file = Path.Combine(folder, "evidence.json"), trust = Path.Combine(folder, "trust.json");
        try
        {
            await File.WriteAllBytesAsync(file, new AttestationFile(AttestationFile.Azure, _authority.Identity, _authority.Token(_authority.Claims())).ToJson());
            await File.WriteAllTextAsync(trust, _authority.TrustJson().ToJsonString());
            string at = AttestationAuthority.Now.ToString("O");
            (int code, string data) = await RunAsync("attest", "verify", file, "--trust", trust, "--at", at, "--nonce", _authority.Identity.Nonce.ToString(), "--json");
            JsonNode said = JsonNode.Parse(data)!;
            Assert.Equal((0, true, "azure-sev-snp"), (code, (bool)said["verified"]!, (string)said["kind"]!));
            Assert.Equal(_authority.Identity.SealingKey.ToString(), (string)said["sealing_key"]!);
            (code, data) = await RunAsync("attest", "verify", file, "--trust", trust, "--at", at, "--nonce", new string('0', 64), "--json");
            Assert.Equal(((int)ExitCode.VerificationFailed, "wrong-nonce"), (code, (string)JsonNode.Parse(data)!["error"]!["outcome"]!));
            Assert.Equal((int)ExitCode.VerificationFailed, (await RunAsync("attest", "verify", file)).Code);
            await File.WriteAllBytesAsync(file, new AttestationFile(AttestationFile.Simulated, _authority.Identity, SimulatedEvidence.Sign(_authority.Identity)).ToJson());
            Assert.Equal((int)ExitCode.VerificationFailed, (await RunAsync("attest", "verify", file)).Code);
            Assert.Equal(0, (await RunAsync("attest", "verify", file, "--insecure-simulator")).Code);
            Assert.Equal((int)ExitCode.Usage, (await RunAsync("attest", "verify", file, "--nonce", "xyz")).Code);
            Assert.Equal((int)ExitCode.Failed, (await RunAsync("attest", "verify", trust)).Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Files that another implementation wrote (Python, with OpenSSL's signatures and Blake2b of its own), by a service whose key was thrown away: sound ones, and each wrong in one way. Not
    /// from hardware: nobody here has any.
    /// </summary>
    [Fact]
    public async Task Recorded_evidence_is_judged_as_it_was_made()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Private", "Enclaves", "Recorded");
        JsonArray cases = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "cases.json")))!.AsArray();
        Assert.True(cases.Count >= 18);
        foreach (JsonNode? one in cases)
        {
            string file = (string)one!["file"]!, expected = (string)one["outcome"]!;
            string[] nonce = one["nonce"] is { } value ? ["--nonce", (string)value!] : [];
            (int code, string data) = await RunAsync(
                ["attest", "verify", Path.Combine(folder, file), "--trust", Path.Combine(folder, "trust.json"), "--at", (string)one["at"]!, .. nonce, "--json"]);
            JsonNode said = JsonNode.Parse(data)!;
            Assert.Equal((file, expected), (file, code == 0 ? "ok" : (string?)said["error"]!["outcome"]));
            Assert.True(code != 0 || file != "sound.json" || (int)said["policy_says"]!["questions"]! == 1_000);
        }
        // None lies there unread.
        Assert.Equal(cases.Select(one => (string)one!["file"]!).Append("cases.json").Append("trust.json").Distinct().Order(), Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order());
    }

    public void Dispose() => _authority.Dispose();

    AttestationOutcome Verify(ReadOnlySpan<byte> token) => AzureEvidence.Verify(token, _authority.Identity, _authority.Trust(), AttestationAuthority.Now);

    static async Task<(int Code, string Data)> RunAsync(params string[] options)
    {
        using StringWriter data = new(), messages = new();
        return (await Invocation.RunAsync(FunionRoot.Create(), options, data, messages), data.ToString());
    }
}
