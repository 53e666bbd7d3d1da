using System.Globalization;
using System.Security.Cryptography;
using Funion.Client;
using Funion.Network;

namespace Funion.Tokens;

/// <summary>
/// A wallet in a folder of the client's own, which several processes may share and any of them may leave at any time:
/// <code>
/// ROOT/lock              <see cref="FolderLock"/>: held by who asks for a batch
/// ROOT/EPOCH/COMPUTE-N   one token
/// ROOT/EPOCH/pending     a <see cref="PendingBatch"/> that was asked for
/// ROOT/EPOCH/batch       the epoch's batch has come
/// </code>
/// A token is taken by giving its file another name, which succeeds for one process only, and overwritten before it is used: two jobs with one token would
/// be one person's to whoever sees both.
/// </summary>
public sealed class TokenFolder : TokenWallet
{
    const string Pending = "pending", Batch = "batch";

    readonly string _root;

    /// <summary>Keeps tokens under a folder, which is made when it is not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public TokenFolder(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = Directory.CreateDirectory(root).FullName;
    }

    /// <inheritdoc/>
    public override int Count(NodeId compute, long epoch) => Tokens(compute, epoch).Length;

    /// <inheritdoc/>
    public override bool HasBatch(long epoch) => File.Exists(Of(epoch, Batch));

    internal override IDisposable? TryBegin() => FolderLock.TryTake(_root);

    /// <inheritdoc/>
    public override void Add(long epoch, IReadOnlyList<(NodeId Compute, byte[] Token)> tokens, long keepFrom)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (HasBatch(epoch))
        {
            // Some may have been used by now.
            return;
        }
        // All of them or none: a crash before the last step asks for the same batch again, and writes the same files.
        Directory.CreateDirectory(Of(epoch, ""));
        for (int i = 0; i < tokens.Count; i++)
        {
            SecretFile.Write(Of(epoch, $"{Name(tokens[i].Compute)}-{i.ToString(CultureInfo.InvariantCulture)}"), tokens[i].Token);
        }
        SecretFile.Write(Of(epoch, Batch), []);
        File.Delete(Of(epoch, Pending));
        foreach (string past in Directory.EnumerateDirectories(_root))
        {
            if (long.TryParse(Path.GetFileName(past), NumberStyles.None, CultureInfo.InvariantCulture, out long of) && of < keepFrom)
            {
                TryDelete(past);
            }
        }
    }

    /// <inheritdoc/>
    public override byte[]? TryTake(NodeId compute, long epoch)
    {
        if (!HasBatch(epoch))
        {
            // Half a batch is none: its tokens will be written again.
            return null;
        }
        foreach (string file in Tokens(compute, epoch))
        {
            string taken = Of(epoch, "taken-" + RandomNumberGenerator.GetHexString(16, lowercase: true));
            byte[]? token = null;
            try
            {
                File.Move(file, taken);
                SecretFile.Read(taken, body =>
                {
                    token = body.ToArray();
                    return true;
                });
                Overwrite(taken);
            }
            catch (Exception lost) when (lost is IOException or UnauthorizedAccessException)
            {
                // Another process was faster; or it cannot be overwritten, and what may be there again is not used.
                continue;
            }
            if (token?.Length == Token.Size)
            {
                return token;
            }
        }
        return null;
    }

    internal override void Keep(PendingBatch pending)
    {
        Directory.CreateDirectory(Of(pending.Epoch, ""));
        byte[] bytes = pending.ToBytes();
        try
        {
            SecretFile.Write(Of(pending.Epoch, Pending), bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    internal override PendingBatch? Kept(NetworkDocument document, long epoch)
    {
        PendingBatch? kept = null;
        SecretFile.Read(Of(epoch, Pending), body => (kept = PendingBatch.TryParse(document, body.Span)) is not null);
        if (kept is not null && kept.Epoch != epoch)
        {
            kept.Dispose();
            return null;
        }
        return kept;
    }

    /// <summary>Another process may look into it; the next batch tries again.</summary>
    static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception inUse) when (inUse is IOException or UnauthorizedAccessException)
        {
        }
    }

    string Of(long epoch, string file) => Path.Combine(_root, epoch.ToString(CultureInfo.InvariantCulture), file);

    string[] Tokens(NodeId compute, long epoch) => Directory.Exists(Of(epoch, ""))
        ? Directory.GetFiles(Of(epoch, ""), Name(compute) + "-*")
        : [];

    static string Name(NodeId compute) => Convert.ToHexStringLower(compute.AsSpan())[..32];

    /// <summary>After a loss of power the old name may be back, and must be worth nothing.</summary>
    static void Overwrite(string file)
    {
        using (FileStream open = new(file, FileMode.Open, FileAccess.Write))
        {
            open.Write(new byte[open.Length]);
            open.Flush(flushToDisk: true);
        }
        File.Delete(file);
    }
}
