using Funion.Client;
using Funion.Verification;

namespace Funion.Tests.Verification;

public sealed class PendingQueriesTests : IDisposable
{
    readonly string _root = Path.Combine(Directory.CreateTempSubdirectory("funion-pending-").FullName, "pending");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    PendingQueries Store => new(_root, Pools.Model, SampleForm.Plain);

    [Fact]
    public void What_waits_outlives_its_process_and_goes_when_it_is_forgotten()
    {
        PendingQuery one = PendingQueries.New("a ✓.png", Pools.Input(1, 2)), two = PendingQueries.New("", Pools.Input(3, 4));
        Change(there => [.. there, one]);
        Change(there => [.. there, two]);
        Change(there => [.. there.Select(query => query.Id == one.Id ? query with { Answer = Pools.Output(1, 2), Attempts = 2, State = PendingState.Confirmed } : query)]);
        Assert.Equal(PendingOutcome.Done, Store.TryRead(out IReadOnlyList<PendingQuery> queries));
        Assert.Equal([(one.Id, "a ✓.png", PendingState.Confirmed, 2), (two.Id, "", PendingState.Open, 0)], queries.Select(query => (query.Id, query.Name, query.State, query.Attempts)));
        Assert.Equal(one.Input.ToArray(), queries[0].Input.ToArray());
        Assert.Equal(Pools.Output(1, 2).ToArray(), queries[0].Answer.ToArray());
        // Another model's, or another mode's, are others.
        Assert.Equal(PendingOutcome.Done, new PendingQueries(_root, Pools.Model, SampleForm.TwoParty).TryRead(out IReadOnlyList<PendingQuery> others));
        Assert.Empty(others);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileOf()));
        }
        Change(_ => []);
        Assert.False(File.Exists(FileOf()));
    }

    [Fact]
    public void Damage_is_noticed_a_folder_in_use_says_so_and_too_many_are_refused_whole()
    {
        Change(_ => [PendingQueries.New("x", Pools.Input(1))]);
        byte[] sound = File.ReadAllBytes(FileOf());
        for (int at = 0; at < sound.Length; at++)
        {
            byte[] spoilt = [.. sound];
            spoilt[at] ^= 16;
            File.WriteAllBytes(FileOf(), spoilt);
            Assert.Equal(PendingOutcome.Damaged, Store.TryRead(out _));
            Assert.Equal(PendingOutcome.Damaged, Store.TryChange(there => [.. there, PendingQueries.New("y", Pools.Input(1))], out _));
        }
        File.WriteAllBytes(FileOf(), sound);
        using (FolderLock.TryTake(_root))
        {
            Assert.Equal(PendingOutcome.Busy, Store.TryRead(out _));
        }
        Assert.Equal(PendingOutcome.Full, Store.TryChange(there => [.. Enumerable.Repeat(there[0], PendingQueries.Most + 1)], out _));
        Assert.Equal(PendingOutcome.Done, Store.TryRead(out IReadOnlyList<PendingQuery> queries));
        Assert.Single(queries);
    }

    [Fact]
    public void A_question_that_found_its_place_has_one_for_its_answer()
    {
        ReadOnlyMemory<byte> large = new byte[(PendingQueries.MostBytes / 2) - 100];
        Change(_ => [PendingQueries.New("x", large)]);
        Assert.Equal(PendingOutcome.Full, Store.TryChange(there => [.. there, PendingQueries.New("y", Pools.Input(1, 2, 3, 4, 5, 6, 7, 8, 9))], out _));
        Change(there => [there[0] with { Answer = large, State = PendingState.Confirmed }]);
        Assert.Equal(PendingOutcome.Done, Store.TryRead(out IReadOnlyList<PendingQuery> queries));
        Assert.Equal(large.Length, queries[0].Answer.Length);
    }

    [Fact]
    public void One_process_runs_a_round_and_others_may_add_meanwhile()
    {
        using (IDisposable? round = Store.TryBeginRound())
        {
            Assert.NotNull(round);
            Assert.Null(Store.TryBeginRound());
            Change(there => [.. there, PendingQueries.New("x", Pools.Input(1))]);
        }
        using IDisposable? next = Store.TryBeginRound();
        Assert.NotNull(next);
    }

    [Fact]
    public void Misuse_throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PendingQueries.New(new string('x', PendingQuery.MostName + 1), Pools.Input(1)));

    string FileOf() => Path.Combine(_root, $"{Pools.Model}-Plain");

    void Change(Func<IReadOnlyList<PendingQuery>, IReadOnlyList<PendingQuery>?> change) => Assert.Equal(PendingOutcome.Done, Store.TryChange(change, out _));
}
