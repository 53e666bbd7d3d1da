using Funion.Cli.Enclaves;
using Funion.Client;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;

namespace Funion.Tests.Cli;

/// <summary>What an asker holds an enclave to before it asks, and what it keeps of what it has seen.</summary>
public sealed class EnclaveEvidenceTests : IDisposable
{
    static readonly Bytes32 s_key = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]), s_nonce = new([.. Enumerable.Repeat((byte)9, 32)]);

    readonly string _root = Directory.CreateTempSubdirectory("funion-seen-").FullName;
    readonly EnclavePolicy _policy = new(24, s_key, 5, [], []);

    [Fact]
    public void Evidence_is_for_this_nonce_of_the_enclave_that_was_published_with_its_policy_and_not_from_before()
    {
        AttestationFile published = File(7, default, _policy), fresh = File(12, s_nonce, _policy);
        Assert.Null(Problem(published, fresh));
        Assert.Null(Problem(published, fresh, newest: 12));
        // Older than what was seen, or than what was published.
        Assert.Contains("rolled back", Problem(published, fresh, newest: 13), StringComparison.Ordinal);
        Assert.Contains("rolled back", Problem(published, File(6, s_nonce, _policy)), StringComparison.Ordinal);
        Assert.NotNull(Problem(published, File(12, default, _policy)));
        Assert.NotNull(Problem(published, published));
        Assert.Contains("policy", Problem(published, File(12, s_nonce, null)), StringComparison.Ordinal);
        Assert.NotNull(Problem(published, fresh with { Policy = _policy with { Questions = 6 } }));
        Assert.NotNull(Problem(published, fresh, simulator: false));
        // Another enclave, another model of it, other code: each sound by itself.
        EnclaveIdentity identity = fresh.Identity;
        foreach (EnclaveIdentity other in (EnclaveIdentity[])[identity with { SigningKey = s_nonce }, identity with { SealingKey = s_nonce }, identity with { Code = s_nonce }, identity with { ModelKey = s_nonce }])
        {
            Assert.Contains("another", Problem(published, Signed(other, _policy)), StringComparison.Ordinal);
        }
        EnclavePolicy second = _policy with { Questions = 1_000 };
        Assert.Contains("another", Problem(published, Signed(identity with { Policy = second.Digest() }, second)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_seen_only_grows_for_each_enclave_and_is_its_users_alone()
    {
        SeenCounters seen = new(_root);
        Assert.Equal((SeenOutcome.Ok, 0ul), (seen.TryRead(s_key, out ulong none), none));
        Assert.Equal(SeenOutcome.Ok, seen.TryRaise(s_key, 12));
        Assert.Equal(SeenOutcome.Ok, seen.TryRaise(s_key, 4));
        Assert.Equal(SeenOutcome.Ok, seen.TryRaise(s_nonce, 3));
        Assert.Equal((SeenOutcome.Ok, 12ul), (new SeenCounters(_root).TryRead(s_key, out ulong newest), newest));
        string file = Path.Combine(_root, s_key.ToString());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file));
            System.IO.File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
            Assert.Equal(SeenOutcome.TooOpen, seen.TryRead(s_key, out _));
            Assert.Equal(SeenOutcome.TooOpen, seen.TryRaise(s_key, 99));
            System.IO.File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        // A writer that died leaves a file beside it, and what was seen as it was.
        System.IO.File.WriteAllBytes(file + ".new", [1, 2]);
        Assert.Equal((SeenOutcome.Ok, 12ul), (seen.TryRead(s_key, out newest), newest));
        Assert.Equal(SeenOutcome.Ok, seen.TryRaise(s_key, 13));
        using (FolderLock.TryTake(_root))
        {
            Assert.Equal(SeenOutcome.Busy, seen.TryRaise(s_key, 14));
        }
        byte[] bytes = System.IO.File.ReadAllBytes(file);
        bytes[3] ^= 1;
        System.IO.File.WriteAllBytes(file, bytes);
        Assert.Equal(SeenOutcome.Damaged, seen.TryRead(s_key, out _));
        Assert.Equal(SeenOutcome.Damaged, seen.TryRaise(s_key, 14));
        Assert.Equal((SeenOutcome.Ok, 3ul), (seen.TryRead(s_nonce, out newest), newest));
    }

    [Fact]
    public void Whom_a_policy_leaves_out_is_told_before_anything_is_asked()
    {
        string file = Path.Combine(_root, "asker.key");
        Assert.Null(AskerKeyFile.Load(file, make: false, out _));
        using DataOwner asker = AskerKeyFile.Load(file, make: true, out _)!, again = AskerKeyFile.Load(file, make: false, out _)!, other = new();
        Assert.Equal((asker.User, asker.Recipient), (again.User, again.Recipient));
        Assert.Null(PolicyText.Excludes(_policy, other, hasKeys: false));
        Assert.Null(PolicyText.Excludes(_policy with { Users = [asker.User], Recipients = [asker.Recipient] }, again, hasKeys: true));
        foreach (EnclavePolicy closed in (EnclavePolicy[])[_policy with { Users = [asker.User] }, _policy with { Recipients = [asker.Recipient] }])
        {
            // Who gave keys is not told to give keys.
            Assert.Contains("give your keys", PolicyText.Excludes(closed, other, hasKeys: false), StringComparison.Ordinal);
            Assert.DoesNotContain("give your keys", PolicyText.Excludes(closed, other, hasKeys: true)!, StringComparison.Ordinal);
        }
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file));
            System.IO.File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            Assert.Null(AskerKeyFile.Load(file, make: false, out string problem));
            Assert.Contains("chmod", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_refusal_that_means_a_roll_back_is_a_failed_verification_and_others_are_not()
    {
        Assert.Equal(FunionError.Damaged, EnclaveAsking.Refused(EnclaveRefusal.RolledBack).Error);
        Assert.All((EnclaveRefusal[])[EnclaveRefusal.QuotaSpent, EnclaveRefusal.NotAllowed, EnclaveRefusal.Stale, (EnclaveRefusal)200], refusal =>
            Assert.Equal(FunionError.Refused, EnclaveAsking.Refused(refusal).Error));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    string? Problem(AttestationFile published, AttestationFile fresh, ulong newest = 0, bool simulator = true) =>
        EvidenceCheck.Problem(published, fresh, null, s_nonce, simulator, newest, DateTimeOffset.UnixEpoch);

    AttestationFile File(ulong counter, Bytes32 nonce, EnclavePolicy? policy) => Signed(new EnclaveIdentity(s_key, s_key, s_key, _policy.Digest(), s_key, counter, nonce), policy);

    static AttestationFile Signed(EnclaveIdentity identity, EnclavePolicy? policy) => new(AttestationFile.Simulated, identity, SimulatedEvidence.Sign(identity), policy);
}
