using Funion.Bacap;
using Funion.Client;
using Funion.Contracts;
using Funion.Inference;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Tests.Network;

namespace Funion.Tests.Client;

/// <summary>A process that dies in the middle of a question leaves nothing of it: the next one deletes it.</summary>
public sealed class LeftoversTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("funion-leftovers-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_a_question_left_is_deleted_by_the_next_process_and_not_before()
    {
        using Stage stage = new(options: FunionClientTests.Options());
        StandInServices services = new(stage);
        using (Leftovers first = new(_root))
        {
            FunionClient dying = new(stage.Client, first);
            Task question = dying.InferAsync("digits", [FunionClientTests.Input()], TimeSpan.FromSeconds(5));
            Assert.True(stage.RunUntil(() => services.Boxes.Count > 0, TimeSpan.FromMinutes(1)));
            // Another process beside it leaves its streams alone.
            using (Leftovers beside = new(_root))
            {
                Assert.Empty(beside.Abandoned());
            }
            Assert.False(question.IsCompleted);
        }
        // Its process is gone: nothing of it steps any more.
        using Stage after = new(2, Slow());
        StandInServices later = new(after);
        foreach ((BoxId id, (Box Box, DateTimeOffset From) stored) in services.Boxes)
        {
            later.Boxes[id] = stored;
        }
        using Leftovers next = new(_root);
        FunionClient client = new(after.Client, next);
        Task<int> clearing = client.ClearLeftoversAsync();
        Assert.True(after.RunUntil(() => clearing.IsCompleted, TimeSpan.FromHours(7)));
        Assert.Equal(1, PigeonholeClientTests.Do(after, clearing));
        Assert.Equal(2, later.Boxes.Count);
        Assert.All(later.Boxes.Values, stored => Assert.True(stored.Box.IsTombstone));
        Assert.Equal(0, PigeonholeClientTests.Do(after, client.ClearLeftoversAsync()));
    }

    [Fact]
    public void A_question_and_a_file_that_ended_well_leave_nothing_to_delete()
    {
        using Stage stage = new(options: FunionClientTests.Options());
        StandInServices services = new(stage);
        using (Leftovers own = new(_root))
        {
            FunionClient client = new(stage.Client, own);
            PigeonholeClientTests.Do(stage, client.InferAsync("digits", [FunionClientTests.Input()], TimeSpan.FromSeconds(5)));
            PigeonholeClientTests.Do(stage, client.PutAsync(new byte[3_000]));
            Assert.True(stage.RunUntil(() => client.Cleanup.IsCompleted, TimeSpan.FromMinutes(5)));
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
        Assert.Contains(services.Boxes.Values, stored => !stored.Box.IsTombstone);
    }

    [Fact]
    public void A_file_that_was_given_up_is_deleted()
    {
        using Stage stage = new(options: FunionClientTests.Options());
        StandInServices services = new(stage);
        FunionClient client = new(stage.Client);
        using CancellationTokenSource patience = new();
        Task<WriteCapability> put = client.PutAsync(new byte[20_000], _ => patience.Cancel(), patience.Token);
        Assert.True(stage.RunUntil(() => put.IsCanceled && client.Cleanup.IsCompleted, TimeSpan.FromMinutes(5)));
        Assert.NotEmpty(services.Boxes);
        Assert.All(services.Boxes.Values, stored => Assert.True(stored.Box.IsTombstone));
    }

    [Fact]
    public void What_cannot_be_read_now_is_kept_for_the_next_time()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        using (Leftovers gone = new(_root))
        {
            Assert.NotNull(gone.Keep(Left(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 3)));
        }
        string file = Directory.EnumerateFiles(_root, "1", SearchOption.AllDirectories).Single();
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        using (Leftovers next = new(_root))
        {
            Assert.Empty(next.Abandoned());
            Assert.True(File.Exists(file));
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Assert.Equal(3, Assert.Single(next.Abandoned()).Tombstones.Count);
            Assert.False(Directory.Exists(Path.GetDirectoryName(file)));
        }
    }

    [Fact]
    public void Files_that_are_none_are_removed_and_a_disk_that_takes_nothing_stops_no_question()
    {
        string folder = Path.Combine(_root, "gone");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "1"), "noise");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(folder, "1"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        using (Leftovers own = new(_root))
        {
            Assert.Empty(own.Abandoned());
            Assert.False(Directory.Exists(folder));
            Directory.Delete(Directory.EnumerateDirectories(_root).Single(), recursive: true);
            Assert.Null(own.Keep(Left(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 1)));
        }
    }

    [Fact]
    public void A_tombstone_that_fails_stops_no_other_and_is_tried_again()
    {
        using Stage stage = new(options: FunionClientTests.Options());
        StandInServices services = new(stage);
        BoxId? refused = null;
        bool full = true;
        services.Refuses = box => full && box.IsTombstone && box.Id == (refused ??= box.Id) ? ReplicaError.StorageFull : ReplicaError.None;
        using (Leftovers own = new(_root))
        {
            FunionClient client = new(stage.Client, own);
            PigeonholeClientTests.Do(stage, client.InferAsync("digits", [FunionClientTests.Input()], TimeSpan.FromSeconds(5)));
            stage.Run(TimeSpan.FromMinutes(3));
            Assert.Equal(refused, Assert.Single(services.Boxes.Values, stored => !stored.Box.IsTombstone).Box.Id);
            Assert.False(client.Cleanup.IsCompleted);
            Assert.NotEmpty(Directory.EnumerateFiles(_root, "1", SearchOption.AllDirectories));
            full = false;
            Assert.True(stage.RunUntil(() => client.Cleanup.IsCompleted, TimeSpan.FromMinutes(20)));
            Assert.All(services.Boxes.Values, stored => Assert.True(stored.Box.IsTombstone));
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public void What_earlier_sessions_left_goes_box_by_box_at_times_that_show_no_session()
    {
        DateTimeOffset start = new VirtualTime().GetUtcNow();
        using (Leftovers gone = new(_root))
        {
            for (int i = 0; i < 12; i++)
            {
                gone.Keep(Left(start + TimeSpan.FromDays(7), start - TimeSpan.FromHours(i), 2));
            }
        }
        // Whoever comes online for a minute deletes next to nothing, but draws the times.
        Assert.InRange(Clear(3, TimeSpan.FromMinutes(1)).Count, 0, 2);
        Dictionary<BoxId, DateTimeOffset> due;
        using (Leftovers looking = new(_root))
        {
            due = looking.Abandoned().SelectMany(left => left.Tombstones).ToDictionary(tombstone => tombstone.Box.Id, tombstone => tombstone.Due);
        }
        Assert.InRange(due.Count, 22, 24);
        Assert.All(due.Values, time => Assert.InRange(time, start, start + TimeSpan.FromHours(6)));
        // The next one keeps to them.
        Dictionary<BoxId, DateTimeOffset> deleted = Clear(4, TimeSpan.FromHours(7));
        Assert.Equal(due.Count, deleted.Count);
        Assert.All(due, box => Assert.InRange(deleted[box.Key] - box.Value, TimeSpan.FromMilliseconds(-1), TimeSpan.FromMinutes(20)));
        double[] hours = [.. deleted.Values.Select(time => (time - start).TotalHours)];
        Assert.InRange(hours.Average(), 2, 4);
        Assert.True(hours.Max() - hours.Min() > 4);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public void What_the_replicas_have_dropped_is_forgotten_without_a_word()
    {
        DateTimeOffset start = new VirtualTime().GetUtcNow();
        using (Leftovers gone = new(_root))
        {
            gone.Keep(Left(start, start + TimeSpan.FromSeconds(1), 2));
        }
        Assert.Empty(Clear(5, TimeSpan.FromHours(7)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    /// <summary>A session of so long that finds what was left; when each tombstone came.</summary>
    Dictionary<BoxId, DateTimeOffset> Clear(ulong seed, TimeSpan span)
    {
        using Stage stage = new(seed, Slow());
        StandInServices services = new(stage);
        using Leftovers own = new(_root);
        _ = new FunionClient(stage.Client, own).ClearLeftoversAsync();
        stage.Run(span);
        Assert.All(services.Boxes.Values, stored => Assert.True(stored.Box.IsTombstone));
        return services.Boxes.ToDictionary(box => box.Key, box => box.Value.From);
    }

    /// <summary>Hours in a few hundred packets.</summary>
    static LocalNetworkOptions Slow() =>
        FunionClientTests.Options() with { Rates = new Rates { ClientPerKilosecond = 50, ClientLoopPerKilosecond = 10 } };

    static Leftover Left(DateTimeOffset until, DateTimeOffset due, int boxes) =>
        new(null, until, [.. FixedStream.Tombstones(WriteCapability.Create(), boxes).Select(box => new DueTombstone(box, due))]);
}
