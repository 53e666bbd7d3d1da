using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Funion.Network;

namespace Funion.Client;

/// <summary>
/// What has to be deleted even if this process dies: the boxes of questions and of files under way, in a folder of the client's own, before the first goes
/// out. Each process has a folder with a lock in it; what lies in one whose lock is free was left behind.
/// <code>
/// ROOT/RANDOM/lock, ROOT/RANDOM/NUMBER: a <see cref="Leftover"/>
/// </code>
/// </summary>
public sealed class Leftovers : IDisposable
{

    readonly string _root, _own;
    readonly FileStream _lock;
    int _last;

    /// <summary>Keeps them under a folder, which is made when it is not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public Leftovers(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = root;
        // Another process may look into the folder before it is locked, and take it for an abandoned one.
        FileStream? held = null;
        string own = root;
        for (int attempt = 0; held is null && attempt < 8; attempt++)
        {
            own = Path.Combine(root, RandomNumberGenerator.GetHexString(16, lowercase: true));
            Directory.CreateDirectory(own);
            held = FolderLock.TryTake(own);
        }
        (_own, _lock) = (own, held ?? throw new IOException($"No folder can be locked in {root}."));
    }

    /// <summary>Gives up the folder: what is still kept in it was left behind.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        if (Directory.Exists(_own))
        {
            DropIfEmpty(_own);
        }
    }

    /// <summary>Remembers what is to be deleted; gives what <see cref="Forget"/> takes. Null when the disk would not take it.</summary>
    internal string? Keep(Leftover left)
    {
        string file = NextFile();
        return TryWrite(file, left) ? file : null;
    }

    /// <summary>Remembers other times, or less than before.</summary>
    internal static void Replace(Leftover left)
    {
        if (left.Kept is not null)
        {
            TryWrite(left.Kept, left);
        }
    }

    /// <summary>It is deleted, or past, or was handed over.</summary>
    internal static void Forget(string? kept)
    {
        if (kept is not null)
        {
            TryDelete(kept);
        }
    }

    /// <summary>What processes left that are no more. Files that are none are removed.</summary>
    internal IReadOnlyList<Leftover> Abandoned()
    {
        List<Leftover> found = [];
        foreach (string folder in Directory.EnumerateDirectories(_root).Where(folder => folder != _own))
        {
            using FileStream? held = FolderLock.TryTake(folder);
            if (held is null)
            {
                continue;
            }
            foreach (string file in FilesOf(folder).ToArray())
            {
                // Taken into this process's folder, so that no third one takes it too.
                string mine = NextFile();
                Leftover? left = null;
                switch (SecretFile.Read(file, body => (left = Leftover.TryParse(body.Span)) is not null))
                {
                    case KeyFileOutcome.Loaded when TryMove(file, mine):
                        found.Add(left! with { Kept = mine });
                        break;
                    case KeyFileOutcome.Malformed:
                        TryDelete(file);
                        break;
                    // Anything else may be readable the next time: it is all that can delete what it names.
                }
            }
            DropIfEmpty(folder);
        }
        return found;
    }

    string NextFile() => Path.Combine(_own, Interlocked.Increment(ref _last).ToString(System.Globalization.CultureInfo.InvariantCulture));

    static bool TryWrite(string file, Leftover left)
    {
        try
        {
            SecretFile.Write(file, left.ToBytes());
            return true;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            // What is asked is worth more than what a crash would leave to the replicas' own collection.
            return false;
        }
    }

    static IEnumerable<string> FilesOf(string folder) => Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) != FolderLock.Name);

    static void DropIfEmpty(string folder)
    {
        if (!FilesOf(folder).Any())
        {
            TryDelete(Path.Combine(folder, FolderLock.Name));
            TryDeleteFolder(folder);
        }
    }

    static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Found again by the next process.
        }
    }

    static bool TryMove(string from, string to)
    {
        try
        {
            File.Move(from, to);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static void TryDeleteFolder(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Something is in it again, or another process was faster.
        }
    }
}
