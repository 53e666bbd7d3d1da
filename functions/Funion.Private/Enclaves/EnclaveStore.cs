namespace Funion.Private.Enclaves;

/// <summary>
/// Where a cloud keeps what its enclave seals: the newest state and the one before, for a crash between the two leaves the enclave with either. All of it is opaque here.
/// </summary>
public sealed class EnclaveStore
{
    readonly string _folder;

    /// <summary>Keeps in a folder of its own.</summary>
    public EnclaveStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>The newest state of the enclave first, then the one before.</summary>
    public IReadOnlyList<byte[]> States() => Read("state");

    /// <summary>The same of a query.</summary>
    public IReadOnlyList<byte[]> Query(in Bytes32 query) => Read($"{query}");

    /// <summary>Queries that are kept.</summary>
    public IReadOnlyList<Bytes32> Queries() =>
        [.. Directory.EnumerateFiles(_folder, "*.new").Select(Path.GetFileNameWithoutExtension).Where(name => name!.Length == 64).Select(name => new Bytes32(Convert.FromHexString(name!)))];

    /// <summary>Keeps a state, and that of a query with it if there is one.</summary>
    public void Keep(byte[] state, in Bytes32 query, byte[] queryState)
    {
        ArgumentNullException.ThrowIfNull(queryState);
        if (queryState.Length > 0)
        {
            Write($"{query}", queryState);
        }
        Write("state", state);
    }

    /// <summary>Drops a query.</summary>
    public void Forget(in Bytes32 query)
    {
        File.Delete(Name($"{query}", "new"));
        File.Delete(Name($"{query}", "old"));
    }

    string Name(string what, string age) => Path.Combine(_folder, $"{what}.{age}");

    byte[][] Read(string what) => [.. ((string[])["new", "old"]).Select(age => Name(what, age)).Where(File.Exists).Select(File.ReadAllBytes)];

    void Write(string what, byte[] bytes)
    {
        string name = Name(what, "new");
        File.WriteAllBytes(name + "er", bytes);
        if (File.Exists(name))
        {
            File.Move(name, Name(what, "old"), overwrite: true);
        }
        File.Move(name + "er", name);
    }
}
