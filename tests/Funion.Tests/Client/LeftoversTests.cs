using Funion.Bacap;
using Funion.Client;
using Funion.Inference;
using Funion.Network;
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
        using Stage after = new(2, FunionClientTests.Options());
        StandInServices later = new(after);
        foreach ((BoxId id, (Box Box, DateTimeOffset From) stored) in services.Boxes)
        {
            later.Boxes[id] = stored;
        }
        using Leftovers next = new(_root);
        FunionClient client = new(after.Client, next);
        Assert.Equal(1, PigeonholeClientTests.Do(after, client.ClearLeftoversAsync()));
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
            Assert.NotNull(gone.Keep((WriteCapability.Create(), 3)));
        }
        string file = Directory.EnumerateFiles(_root, "1", SearchOption.AllDirectories).Single();
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        using (Leftovers next = new(_root))
        {
            Assert.Empty(next.Abandoned());
            Assert.True(File.Exists(file));
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Assert.Equal(3, Assert.Single(Assert.Single(next.Abandoned()).Streams).Boxes);
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
            Assert.Null(own.Keep((WriteCapability.Create(), 1)));
        }
    }
}
