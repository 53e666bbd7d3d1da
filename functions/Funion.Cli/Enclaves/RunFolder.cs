using Funion.Client;

namespace Funion.Cli.Enclaves;

/// <summary>
/// A folder of one run, with an enclave that nobody wants to keep. Its owner holds a file in it, which the system lets go of however the owner ends, and the next run removes
/// what such a one has left: the file that stands for the hardware is a secret.
/// </summary>
sealed class RunFolder : IDisposable
{
    readonly FileStream _held;

    RunFolder(string path, FileStream held) => (Path, _held) = (path, held);

    public string Path { get; }

    /// <summary>A fresh folder among those of temporary files.</summary>
    /// <param name="prefix">Of its name, and of those that earlier runs left.</param>
    /// <exception cref="IOException">There is no place for it.</exception>
    public static RunFolder Make(string prefix)
    {
        foreach (string path in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), prefix + "*"))
        {
            RemoveDead(path);
        }
        string fresh = Directory.CreateTempSubdirectory(prefix).FullName;
        return new RunFolder(fresh, FolderLock.TryTake(fresh) ?? throw new IOException($"{fresh} cannot be used."));
    }

    public void Dispose()
    {
        _held.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    /// <summary>One without the file is nobody's yet; one that is a link, or another user's, is left alone.</summary>
    static void RemoveDead(string path)
    {
        if (new DirectoryInfo(path).LinkTarget is not null || !File.Exists(System.IO.Path.Combine(path, FolderLock.Name)) || FolderLock.TryTake(path) is not { } held)
        {
            return;
        }
        held.Dispose();
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception other) when (other is IOException or UnauthorizedAccessException)
        {
            // Another run is at it, or somebody else's files lie in it.
        }
    }
}
