using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Network;

namespace Funion.Client;

/// <summary>
/// What has to be deleted even if this process dies: the streams of questions and of files under way, in a folder of the client's own, before their first
/// box goes out. Each process has a folder with a lock in it; what lies in one whose lock is free was left behind.
/// <code>
/// ROOT/RANDOM/lock, ROOT/RANDOM/NUMBER: count × ( write capability 168 ‖ boxes u32 BE )
/// </code>
/// </summary>
public sealed class Leftovers : IDisposable
{
    const int EntrySize = WriteCapability.Size + sizeof(uint);
    const string LockName = "lock";

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
            held = TryLock(own);
        }
        (_own, _lock) = (own, held ?? throw new IOException($"No folder can be locked in {root}."));
    }

    /// <summary>Remembers streams by the number of their boxes; gives what <see cref="Forget"/> takes. Null when the disk would not take it.</summary>
    public string? Keep(params ReadOnlySpan<(WriteCapability Stream, int Boxes)> streams)
    {
        byte[] body = new byte[streams.Length * EntrySize];
        for (int i = 0; i < streams.Length; i++)
        {
            byte[] capability = streams[i].Stream.ToBytes();
            capability.CopyTo(body, i * EntrySize);
            CryptographicOperations.ZeroMemory(capability);
            BinaryPrimitives.WriteInt32BigEndian(body.AsSpan((i * EntrySize) + WriteCapability.Size), streams[i].Boxes);
        }
        string file = Path.Combine(_own, Interlocked.Increment(ref _last).ToString(System.Globalization.CultureInfo.InvariantCulture));
        try
        {
            SecretFile.Write(file, body);
            return file;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            // What is asked is worth more than what a crash would leave to the replicas' own collection.
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    /// <summary>The streams are deleted, or were handed over.</summary>
    public static void Forget(string? kept)
    {
        if (kept is not null)
        {
            TryDelete(kept);
        }
    }

    /// <summary>What processes left that are no more, each with what <see cref="Forget"/> takes. Files that are none are removed.</summary>
    public IReadOnlyList<(string Kept, IReadOnlyList<(WriteCapability Stream, int Boxes)> Streams)> Abandoned()
    {
        List<(string, IReadOnlyList<(WriteCapability, int)>)> found = [];
        foreach (string folder in Directory.EnumerateDirectories(_root).Where(folder => folder != _own))
        {
            using FileStream? held = TryLock(folder);
            if (held is null)
            {
                continue;
            }
            foreach (string file in FilesOf(folder).ToArray())
            {
                // Taken into this process's folder, so that no third one takes it too.
                string mine = Path.Combine(_own, Interlocked.Increment(ref _last).ToString(System.Globalization.CultureInfo.InvariantCulture));
                IReadOnlyList<(WriteCapability, int)>? streams = null;
                switch (SecretFile.Read(file, body => (streams = Parse(body.Span)) is not null))
                {
                    case KeyFileOutcome.Loaded when TryMove(file, mine):
                        found.Add((mine, streams!));
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

    /// <summary>Gives up the folder: what is still kept in it was left behind.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        if (Directory.Exists(_own))
        {
            DropIfEmpty(_own);
        }
    }

    static IEnumerable<string> FilesOf(string folder) => Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) != LockName);

    static void DropIfEmpty(string folder)
    {
        if (!FilesOf(folder).Any())
        {
            TryDelete(Path.Combine(folder, LockName));
            TryDeleteFolder(folder);
        }
    }

    static IReadOnlyList<(WriteCapability, int)>? Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty || body.Length % EntrySize != 0)
        {
            return null;
        }
        List<(WriteCapability, int)> streams = [];
        for (; !body.IsEmpty; body = body[EntrySize..])
        {
            int boxes = BinaryPrimitives.ReadInt32BigEndian(body[WriteCapability.Size..]);
            if (boxes < 1 || !WriteCapability.TryParse(body[..WriteCapability.Size], out WriteCapability? stream))
            {
                return null;
            }
            streams.Add((stream, boxes));
        }
        return streams;
    }

    static FileStream? TryLock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception held) when (held is IOException or UnauthorizedAccessException)
        {
            return null;
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
