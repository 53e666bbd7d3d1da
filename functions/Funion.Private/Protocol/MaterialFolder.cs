using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Private.Protocol;

/// <summary>
/// Material on disk, a file a session, encrypted under a key of its owner. What is taken is overwritten and removed before the caller has it, so that no crash, and
/// no second process, ever uses it twice: between any two steps a file is either whole and unused, or of no use.
/// <code>
/// keep   write SESSION.material.new, flush, rename to SESSION.material                             cut off: a .new that nobody reads, deleted by the next
/// take   lock, read all, overwrite the salt, flush, overwrite the rest, flush, remove                cut off: whole before the salt, useless after
/// </code>
/// Two things are beyond it. A file system that keeps old blocks (copy on write, wear levelling, a backup) keeps the old file: whoever has the owner's key
/// and restores one can use it twice. And locks hold between processes of one machine.
/// </summary>
public sealed class MaterialFolder : IDisposable
{
    const string Extension = ".material", Fresh = ".new";

    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    readonly string _path;

    readonly SecretBytes _key;

    /// <summary>Opens a folder, and deletes what was cut off in it.</summary>
    /// <param name="path">Made if it is not there.</param>
    /// <param name="ownerKey">32 bytes; copied.</param>
    public MaterialFolder(string path, ReadOnlySpan<byte> ownerKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ownerKey.Length, MaterialFile.KeySize);
        _path = Directory.CreateDirectory(path).FullName;
        _key = new SecretBytes(ownerKey);
        foreach (string left in Directory.EnumerateFiles(_path, "*" + Extension + "*"))
        {
            DeleteIfUseless(left);
        }
    }

    /// <summary>A test dies here.</summary>
    internal Action<MaterialStep>? Reached { get; set; }

    /// <summary>Sessions that have a file, in no order.</summary>
    public IReadOnlyList<Bytes32> Sessions =>
    [
        .. Directory.EnumerateFiles(_path, "*" + Extension).Select(Path.GetFileNameWithoutExtension)
            .Where(name => name!.Length == 2 * Bytes32.Size && name.All(char.IsAsciiHexDigitLower)).Select(name => new Bytes32(Convert.FromHexString(name!))),
    ];

    /// <summary>How many files begin as a client's material for this model and kind of channel. What is damaged further on shows when it is taken.</summary>
    public int Count(TwoPartyClient client, ChannelKind channel)
    {
        ArgumentNullException.ThrowIfNull(client);
        return Sessions.Count(session =>
        {
            try
            {
                using FileStream file = new(Path.Combine(_path, session + Extension), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
                using MaterialReader reader = new(client.Plan, client: true, channel, session);
                return MaterialFile.TryRead(file, _key.Span, reader.Take, most: 1);
            }
            catch (IOException)
            {
                // Another process takes it.
                return false;
            }
        });
    }

    /// <summary>Bytes of a session's file, and when it was written; null when there is none.</summary>
    public (long Size, DateTimeOffset Written)? Find(Bytes32 session)
    {
        FileInfo file = new(Path.Combine(_path, session + Extension));
        return file.Exists ? (file.Length, file.LastWriteTimeUtc) : null;
    }

    /// <summary>Deletes a session's file as taking it would; false when it is in use, or not there.</summary>
    public bool Forget(Bytes32 session)
    {
        string path = Path.Combine(_path, session + Extension);
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16);
            Delete(file, path);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Moves material to disk: the object is spent by it.</summary>
    public void Keep(ClientMaterial material)
    {
        ArgumentNullException.ThrowIfNull(material);
        Spend(material.Take());
        Keep(material.Session, MaterialParts.Of(material));
    }

    /// <summary>Moves material to disk: the object is spent by it.</summary>
    public void Keep(ServerMaterial material)
    {
        ArgumentNullException.ThrowIfNull(material);
        Spend(material.Take());
        Keep(material.Session, MaterialParts.Of(material));
    }

    /// <summary>A client's material of a session, for this kind of channel.</summary>
    public MaterialOutcome TryTake(TwoPartyClient client, Bytes32 session, ChannelKind channel, out ClientMaterial? material)
    {
        ArgumentNullException.ThrowIfNull(client);
        using MaterialReader reader = new(client.Plan, client: true, channel, session);
        ClientMaterial? read = null;
        MaterialOutcome outcome = Take(session, reader, () => (read = reader.ToClient()) is not null);
        if (outcome != MaterialOutcome.Taken)
        {
            read?.Dispose();
        }
        material = outcome == MaterialOutcome.Taken ? read : null;
        return outcome;
    }

    /// <summary>A server's material of a session.</summary>
    public MaterialOutcome TryTake(ServerModel model, Bytes32 session, out ServerMaterial? material)
    {
        ArgumentNullException.ThrowIfNull(model);
        using MaterialReader reader = new(model.Plan, client: false, channel: null, session);
        ServerMaterial? read = null;
        MaterialOutcome outcome = Take(session, reader, () => (read = reader.ToServer()) is not null);
        if (outcome != MaterialOutcome.Taken)
        {
            read?.Dispose();
        }
        material = outcome == MaterialOutcome.Taken ? read : null;
        return outcome;
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    static void Spend(bool taken)
    {
        if (!taken)
        {
            throw new InvalidOperationException("Material that was used is not kept.");
        }
    }

    void Keep(Bytes32 session, IEnumerable<byte[]> parts)
    {
        string path = Path.Combine(_path, session + Extension), fresh = path + Fresh;
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }
        try
        {
            using FileStream file = new(fresh, options);
            Reached?.Invoke(MaterialStep.Begun);
            MaterialFile.Write(file, _key.Span, parts);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // The disk is full: what is there of it would lie there until the next start.
            DeleteIfUseless(fresh);
            throw;
        }
        Reached?.Invoke(MaterialStep.Written);
        File.Move(fresh, path);
        Reached?.Invoke(MaterialStep.Kept);
    }

    /// <summary>What was never finished, and what was not quite deleted; but nothing that another process has open.</summary>
    static void DeleteIfUseless(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0);
            if (path.EndsWith(Fresh, StringComparison.Ordinal) || !MaterialFile.HasSalt(file))
            {
                File.Delete(path);
            }
        }
        catch (IOException)
        {
            // It is in use, or gone by now.
        }
    }

    MaterialOutcome Take(Bytes32 session, MaterialReader reader, Func<bool> finish)
    {
        string path = Path.Combine(_path, session + Extension);
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16);
            if (!MaterialFile.TryRead(file, _key.Span, reader.Take) || !finish())
            {
                return reader.Refusal;
            }
            Reached?.Invoke(MaterialStep.Read);
            Delete(file, path);
            return MaterialOutcome.Taken;
        }
        catch (FileNotFoundException)
        {
            return MaterialOutcome.Missing;
        }
        catch (IOException)
        {
            return MaterialOutcome.InUse;
        }
    }

    void Delete(FileStream file, string path)
    {
        byte[] nothing = new byte[1 << 16];
        file.Position = MaterialFile.SaltOffset;
        file.Write(nothing, 0, MaterialFile.SaltSize);
        file.Flush(flushToDisk: true);
        Reached?.Invoke(MaterialStep.Unsalted);
        file.Position = 0;
        for (long left = file.Length; left > 0; left -= nothing.Length)
        {
            file.Write(nothing, 0, (int)Math.Min(left, nothing.Length));
        }
        file.Flush(flushToDisk: true);
        Reached?.Invoke(MaterialStep.Overwritten);
        // While it is still locked: whoever opens it next finds nothing, not a name without content.
        File.Delete(path);
        Reached?.Invoke(MaterialStep.Removed);
    }
}
