using System.Globalization;

namespace Funion.Private.Enclaves;

/// <summary>
/// Where a cloud keeps what its enclave seals. All of it is opaque here. Whatever is kept is a file of its own, written to the disk before the enclave acts upon it; nothing is
/// deleted before the enclave has taken what came later. So however often this process ends, wherever it is, the state that the enclave calls its newest is there.
/// <code>
/// files = state.GENERATION, QUERY.GENERATION          16 hex digits that grow with every change; QUERY is its name in hex
/// </code>
/// A file that was cut short is none that an enclave takes. No file is renamed: what a name says does not change.
/// </summary>
public sealed class EnclaveStore
{
    const string State = "state";

    readonly string _folder;
    (ulong Generation, Bytes32 Query)? _last;

    /// <summary>Keeps in a folder of its own.</summary>
    public EnclaveStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>Told of every operation upon the folder before the next: where a test ends the process.</summary>
    internal Action<string>? Done { get; init; }

    /// <summary>States of the enclave, the latest first. It takes one of them.</summary>
    public IReadOnlyList<(ulong Generation, byte[] State)> States() =>
        [.. Files().Where(file => file.What == State).OrderByDescending(file => file.Generation).Select(file => (file.Generation, File.ReadAllBytes(file.Path)))];

    /// <summary>The same of a query.</summary>
    public IReadOnlyList<byte[]> Query(in Bytes32 query)
    {
        string name = $"{query}";
        return [.. Files().Where(file => file.What == name).OrderByDescending(file => file.Generation).Select(file => File.ReadAllBytes(file.Path))];
    }

    /// <summary>Queries that are kept.</summary>
    public IReadOnlyList<Bytes32> Queries() =>
        [.. Files().Where(file => file.What != State).Select(file => file.What).Distinct().Select(name => new Bytes32(Convert.FromHexString(name)))];

    /// <summary>Keeps a state, and that of a query with it if there is one, beside all that was kept before.</summary>
    public void Keep(byte[] state, in Bytes32 query, byte[] queryState)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(queryState);
        ulong generation = Files().Select(file => file.Generation).DefaultIfEmpty().Max() + 1;
        if (queryState.Length > 0)
        {
            Write($"{query}", generation, queryState);
        }
        Write(State, generation, state);
        _last = (generation, query);
    }

    /// <summary>The enclave has acted upon what was kept last: what that replaces can go.</summary>
    public void Confirm()
    {
        if (_last is not { } last)
        {
            return;
        }
        string query = $"{last.Query}";
        (string What, ulong Generation, string Path)[] files = Files();
        bool moved = files.Any(file => file.What == query && file.Generation == last.Generation);
        Delete(files.Where(file => file.Generation < last.Generation && (file.What == State || (moved && file.What == query))));
        _last = null;
    }

    /// <summary>The enclave began with this state, or with none for 0: later ones were never acted upon.</summary>
    public void Adopt(ulong generation)
    {
        (string What, ulong Generation, string Path)[] files = Files();
        Delete(files.Where(file => file.What == State
            ? file.Generation != generation
            : file.Generation > generation || files.Any(other => other.What == file.What && other.Generation > file.Generation && other.Generation <= generation)));
        _last = null;
    }

    /// <summary>Drops a query.</summary>
    public void Forget(in Bytes32 query)
    {
        string name = $"{query}";
        Delete(Files().Where(file => file.What == name));
    }

    void Delete(IEnumerable<(string What, ulong Generation, string Path)> files)
    {
        foreach ((_, _, string path) in files)
        {
            File.Delete(path);
            Done?.Invoke("deleted");
        }
    }

    (string What, ulong Generation, string Path)[] Files() =>
        [.. Directory.EnumerateFiles(_folder).Select(Parse).OfType<(string, ulong, string)>()];

    static (string What, ulong Generation, string Path)? Parse(string path) =>
        Path.GetFileName(path).Split('.') is [var what, { Length: 16 } number] && (what == State || (what.Length == 2 * Bytes32.Size && what.All(char.IsAsciiHexDigit)))
        && ulong.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong generation)
            ? (what, generation, path)
            : null;

    void Write(string what, ulong generation, byte[] bytes)
    {
        using FileStream file = new(Path.Combine(_folder, $"{what}.{generation:x16}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        Done?.Invoke("created");
        file.Write(bytes);
        Done?.Invoke("written");
        file.Flush(flushToDisk: true);
        Done?.Invoke("flushed");
    }
}
