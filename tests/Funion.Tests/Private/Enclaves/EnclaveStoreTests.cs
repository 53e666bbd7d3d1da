using System.Text;
using Funion.Private.Enclaves;

namespace Funion.Tests.Private.Enclaves;

/// <summary>What a cloud keeps for its enclave, with the process ended at every operation, and at every operation of what comes after.</summary>
public sealed class EnclaveStoreTests : IDisposable
{
    static readonly Bytes32 s_query = new([.. Enumerable.Repeat((byte)0xab, 32)]), s_other = new([.. Enumerable.Repeat((byte)0x17, 32)]);

    readonly string _folder = Directory.CreateTempSubdirectory("funion-enclave-store-").FullName;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_two_operations_the_process_ends_at_the_newest_state_and_query_are_there(bool powerFails)
    {
        int points = Run([], powerFails);
        Assert.InRange(points, 25, 200);
        int restarts = 0;
        for (int first = 1; first <= points; first++)
        {
            // Counted from the restart on.
            for (int second = 1; Run([first, second], powerFails) == 0; second++)
            {
                restarts++;
            }
        }
        Assert.True(restarts > 10 * points);
    }

    [Fact]
    public void What_is_kept_is_on_the_disk_before_it_is_said_to_be_and_little_is_kept_of_what_is_over()
    {
        List<string> done = [];
        EnclaveStore store = new(_folder) { Done = done.Add };
        store.Keep([1], s_query, [2]);
        Assert.Equal(["created", "written", "flushed", "created", "written", "flushed"], done);
        for (byte i = 0; i < 9; i++)
        {
            store.Keep([3, i], s_query, [4, i]);
            store.Keep([5, i], default, []);
            store.Confirm();
            store.Keep([7, i], s_other, [8, i]);
            store.Confirm();
        }
        Assert.Equal((byte[][])[[7, 8]], store.States().Select(state => state.State));
        Assert.Equal([4, 8], store.Query(s_query)[0]);
        Assert.Equal((byte[][])[[8, 8]], store.Query(s_other));
        Assert.Equal(2, store.Queries().Count);
        store.Forget(s_query);
        store.Forget(s_other);
        Assert.Empty(store.Queries());
        // What others put there is nothing of it.
        File.WriteAllText(Path.Combine(_folder, "state.x"), "");
        File.WriteAllText(Path.Combine(_folder, "readme.0000000000000001"), "");
        Assert.Single(store.States());
        Assert.Empty(store.Queries());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Ends at so many operations, each counted from the restart before; 0 when it ended that often, else how many operations the last run had.</summary>
    int Run(int[] ends, bool powerFails)
    {
        string folder = Path.Combine(_folder, Guid.NewGuid().ToString("n"));
        // What the hardware holds.
        (string State, string One, string Other) cell = ("", "", "");
        int run = 0, operations = 0;
        foreach (int end in (int[])[.. ends, int.MaxValue])
        {
            operations = 0;
            bool cut = false;
            void Step(string what)
            {
                if (++operations == end)
                {
                    cut = what == "written" && powerFails;
                    throw new OperationCanceledException();
                }
            }

            try
            {
                cell = Live(folder, cell, Step, run++, newest => cell = newest);
                if (end != int.MaxValue)
                {
                    return operations;
                }
            }
            catch (OperationCanceledException)
            {
                Cut(folder, cut);
            }
        }
        Directory.Delete(folder, recursive: true);
        return ends.Length == 0 ? operations : 0;
    }

    /// <summary>One process: finds the newest of everything, goes on with two queries.</summary>
    static (string, string, string) Live(string folder, (string State, string One, string Other) cell, Action<string> step, int run, Action<(string, string, string)> write)
    {
        EnclaveStore store = new(folder) { Done = step };
        IReadOnlyList<(ulong Generation, byte[] State)> states = store.States();
        (ulong generation, _) = cell.State.Length == 0 ? default : Assert.Single(states, state => Encoding.ASCII.GetString(state.State) == cell.State);
        store.Adopt(generation);
        Assert.Equal(cell.One, store.Query(s_query) is [{ } one, ..] ? Encoding.ASCII.GetString(one) : "");
        Assert.Equal(cell.Other, store.Query(s_other) is [{ } other, ..] ? Encoding.ASCII.GetString(other) : "");
        for (int i = 0; i < 3; i++)
        {
            (string State, string One, string Other) next = ($"state {run} {i}", i == 1 ? cell.One : $"one {run} {i}", i == 1 ? $"other {run} {i}" : cell.Other);
            store.Keep(Encoding.ASCII.GetBytes(next.State), i == 1 ? s_other : s_query, Encoding.ASCII.GetBytes(i == 1 ? next.Other : next.One));
            step("kept");
            cell = next;
            write(cell);
            step("counted");
            store.Confirm();
        }
        return cell;
    }

    /// <summary>What was written and not flushed may be there in part.</summary>
    static void Cut(string folder, bool cut)
    {
        if (cut)
        {
            string newest = Directory.EnumerateFiles(folder).OrderByDescending(path => path.Split('.')[^1], StringComparer.Ordinal).ThenByDescending(path => path.Contains("state", StringComparison.Ordinal)).First();
            byte[] bytes = File.ReadAllBytes(newest);
            File.WriteAllBytes(newest, bytes[..(bytes.Length / 2)]);
        }
    }
}
