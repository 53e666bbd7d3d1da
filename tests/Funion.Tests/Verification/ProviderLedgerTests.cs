using Funion.Client;
using Funion.Contracts;
using Funion.Verification;

namespace Funion.Tests.Verification;

public sealed class ProviderLedgerTests : IDisposable
{
    readonly string _root = Path.Combine(Directory.CreateTempSubdirectory("funion-ledger-").FullName, "providers");

    string Records => Path.Combine(_root, "providers");

    string Key => Path.Combine(_root, "key");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    [Fact]
    public void Rounds_add_up_over_sessions_for_each_provider_and_model()
    {
        Record(1, Round(20, 19, missed: 1), aborted: true);
        Record(1, Round(20, 20), aborted: false);
        Record(2, Round(10, 10), aborted: false);
        // A provider that was not asked is not one that answered.
        Assert.Equal(LedgerOutcome.Done, new ProviderLedger(_root).TryRecord(Pools.Model, [(Of(3), new ProviderEvidence(0, 0, 0, 0, 0, 0))], false, 0.9));
        ProviderRecord[] records = Read();
        Assert.Equal([Of(1), Of(2)], records.Select(record => record.Provider));
        ProviderRecord first = records[0];
        Assert.Equal((2, 1, 60, 4, 10, 1), (first.Rounds, first.Aborted, first.Asked, first.Unanswered, first.Certified, first.Missed));
        Assert.Equal((40, 39, AccuracyVerdict.Undecided), (first.Labelled, first.Right, first.Verdict));
    }

    [Fact]
    public void Its_files_are_their_owner_s()
    {
        Record(1, Round(1, 1), aborted: false);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Records));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key));
            File.SetUnixFileMode(Records, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
            Assert.Equal(LedgerOutcome.TooOpen, new ProviderLedger(_root).TryRead(out _));
        }
    }

    [Fact]
    public void Whatever_is_changed_taken_away_or_put_back_is_noticed()
    {
        Record(1, Round(20, 20), aborted: false);
        byte[] old = File.ReadAllBytes(Records), key = File.ReadAllBytes(Key);
        Record(1, Round(20, 5), aborted: true);
        Record(1, Round(20, 5), aborted: true);
        byte[] now = File.ReadAllBytes(Records), keyNow = File.ReadAllBytes(Key);
        for (int at = 0; at < now.Length; at++)
        {
            byte[] changed = [.. now];
            changed[at] ^= 4;
            AssertTampered(changed, keyNow);
        }
        // Changed by somebody who can make the sum, too, but has no key.
        byte[] forged = [.. now];
        forged[100] ^= 1;
        Cryptography(forged);
        AssertTampered(forged, keyNow);
        AssertTampered(old, keyNow);
        AssertTampered(null, keyNow);
        AssertTampered(now, null);
        AssertTampered(now, key);
        AssertTampered(now[..50], keyNow);
        Put(now, keyNow);
        Assert.Equal(60, Read()[0].Labelled);

        static void Cryptography(byte[] file) => Funion.Cryptography.Blake2b.Hash256(file.AsSpan(..^32), file.AsSpan(^32..));
    }

    /// <summary>Between any two of a writer's steps: what a process leaves that dies there is the ledger before or after.</summary>
    [Fact]
    public void Whenever_a_writer_dies_the_ledger_is_the_one_before_or_the_one_after()
    {
        Record(1, Round(20, 20), aborted: false);
        byte[] key = File.ReadAllBytes(Key);
        Record(1, Round(20, 19), aborted: false);
        // The records were written, the count in the key was not.
        File.WriteAllBytes(Key, key);
        Assert.Equal(40, Read()[0].Labelled);
        Record(1, Round(20, 18), aborted: false);
        Assert.Equal(60, Read()[0].Labelled);
        File.WriteAllBytes(Records + ".new", [1, 2, 3]);
        File.WriteAllBytes(Key + ".new", [1, 2, 3]);
        Record(1, Round(20, 18), aborted: false);
        Assert.Equal(80, Read()[0].Labelled);
        using (FolderLock.TryTake(_root))
        {
            Assert.Equal(LedgerOutcome.Busy, new ProviderLedger(_root).TryRead(out _));
        }
    }

    /// <summary>Two processes that die one after the other between their two writes leave what the second one wrote, and not the look of a stranger's work.</summary>
    [Fact]
    public void Two_writers_that_die_between_their_writes_leave_a_ledger_that_is_sound()
    {
        Record(1, Round(20, 20), aborted: false);
        byte[] key = File.ReadAllBytes(Key);
        Record(1, Round(20, 19), aborted: false);
        File.WriteAllBytes(Key, key);
        byte[] records = File.ReadAllBytes(Records);
        // The next process dies at each of its writes in turn: a folder in the place of the file that it writes next.
        Directory.CreateDirectory(Records + ".new");
        Assert.Equal(LedgerOutcome.Unwritable, new ProviderLedger(_root).TryRecord(Pools.Model, [(Of(1), Round(20, 18))], false, 0.9));
        Directory.Delete(Records + ".new");
        Assert.Equal(40, Read()[0].Labelled);
        Assert.Equal(records, File.ReadAllBytes(Records));
        byte[] caughtUp = File.ReadAllBytes(Key);
        Assert.NotEqual(key, caughtUp);
        Record(1, Round(20, 18), aborted: false);
        File.WriteAllBytes(Key, caughtUp);
        Assert.Equal(60, Read()[0].Labelled);
    }

    [Fact]
    public void Rounds_that_are_begun_and_never_end_are_seen_and_one_provider_is_forgotten_alone()
    {
        Assert.Equal(LedgerOutcome.Done, new ProviderLedger(_root).TryBegin(Pools.Model, [Of(1), Of(2)]));
        Assert.Equal(LedgerOutcome.Done, new ProviderLedger(_root).TryBegin(Pools.Model, [Of(1)]));
        Record(1, Round(20, 20), aborted: false);
        Assert.Equal([(2, 1), (1, 0)], Read().Select(record => (record.Begun, record.Rounds)));
        Assert.Equal(LedgerOutcome.Done, new ProviderLedger(_root).TryForget(record => record.Provider == Of(1)));
        Assert.Equal([Of(2)], Read().Select(record => record.Provider));
    }

    /// <summary>
    /// 500 providers each, sessions of ten labelled samples, a promise of 99.5 in a hundred: a model that is right in 90 is found by the fifth session in half of
    /// all cases and by the sixteenth in 99 of 100; one that keeps its promise is confirmed and not accused.
    /// </summary>
    [Fact]
    public void A_model_that_is_right_in_90_of_100_is_found_within_a_few_sessions_and_the_promised_one_is_not()
    {
        SeededRandom random = new(12);
        List<int> sessions = [];
        int accused = 0, unconfirmed = 0;
        for (int provider = 0; provider < 500; provider++)
        {
            ProviderRecord cheap = New(), honest = New();
            int session = 0;
            while (cheap.Verdict != AccuracyVerdict.Substitute)
            {
                cheap = cheap.With(Draw(0.9), aborted: false, 0.995);
                session++;
            }
            sessions.Add(session);
            for (int i = 0; i < 40; i++)
            {
                honest = honest.With(Draw(0.995), aborted: false, 0.995);
            }
            accused += honest.Verdict == AccuracyVerdict.Substitute ? 1 : 0;
            unconfirmed += honest.Confirmed == 0 ? 1 : 0;
        }
        sessions.Sort();
        Assert.InRange(sessions[250], 4, 5);
        Assert.True(sessions[494] <= 16, $"99 %: {sessions[494]}");
        Assert.InRange(accused, 0, 2);
        Assert.InRange(unconfirmed, 0, 15);

        ProviderEvidence Draw(double accuracy) => Round(10, Enumerable.Range(0, 10).Count(_ => random.NextDouble() < accuracy));
    }

    [Fact]
    public void A_model_that_gets_worse_is_found_as_fast_after_a_long_good_time_and_a_substitute_stays_one()
    {
        ProviderRecord record = New();
        for (int i = 0; i < 1_000; i++)
        {
            record = record.With(Round(10, 10), aborted: false, 0.995);
        }
        Assert.Equal(AccuracyVerdict.AsPromised, record.Verdict);
        for (int i = 0; i < 4; i++)
        {
            record = record.With(Round(10, 8), aborted: false, 0.995);
        }
        Assert.Equal(AccuracyVerdict.Substitute, record.Verdict);
        for (int i = 0; i < 100; i++)
        {
            record = record.With(Round(10, 10), aborted: false, 0.995);
        }
        Assert.Equal(AccuracyVerdict.Substitute, record.Verdict);
    }

    static ProviderRecord New() => new() { Provider = Of(1), Model = Pools.Model };

    static Bytes32 Of(byte provider) => new([.. Enumerable.Repeat(provider, 32)]);

    static ProviderEvidence Round(int labelled, int right, int missed = 0) => new(labelled + 10, 2, 5, missed, labelled, right);

    void Record(byte provider, ProviderEvidence evidence, bool aborted) =>
        Assert.Equal(LedgerOutcome.Done, new ProviderLedger(_root).TryRecord(Pools.Model, [(Of(provider), evidence)], aborted, 0.9));

    ProviderRecord[] Read()
    {
        Assert.Equal(LedgerOutcome.Done, new ProviderLedger(_root).TryRead(out IReadOnlyList<ProviderRecord> records));
        return [.. records];
    }

    void AssertTampered(byte[]? records, byte[]? key)
    {
        Put(records, key);
        Assert.Equal(LedgerOutcome.Tampered, new ProviderLedger(_root).TryRead(out IReadOnlyList<ProviderRecord> none));
        Assert.Empty(none);
        Assert.Equal(LedgerOutcome.Tampered, new ProviderLedger(_root).TryRecord(Pools.Model, [(Of(1), Round(1, 1))], false, 0.9));
    }

    void Put(byte[]? records, byte[]? key)
    {
        foreach ((string path, byte[]? bytes) in ((string, byte[]?)[])[(Records, records), (Key, key)])
        {
            File.Delete(path);
            if (bytes is not null)
            {
                File.WriteAllBytes(path, bytes);
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }
            }
        }
    }
}
