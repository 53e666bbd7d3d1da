using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Network;

/// <summary>
/// A file of secrets: body ‖ BLAKE2b-256(body). The sum finds damage, not forgery: who can write the file owns the node anyway.
/// Written whole or not at all, readable by its owner only from its first byte on.
/// </summary>
static class SecretFile
{
    const int SumSize = Blake2b.Size256;
    const int MostBytes = 1 << 16;
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Write(string path, ReadOnlySpan<byte> body)
    {
        string fresh = path + ".new";
        File.Delete(fresh);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        Span<byte> sum = stackalloc byte[SumSize];
        Blake2b.Hash256(body, sum);
        using (FileStream file = new(fresh, options))
        {
            file.Write(body);
            file.Write(sum);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Gives the body to <paramref name="parse"/>, then wipes it.</summary>
    public static KeyFileOutcome Read(string path, Func<ReadOnlyMemory<byte>, bool> parse)
    {
        try
        {
            if (!File.Exists(path))
            {
                return KeyFileOutcome.Missing;
            }

            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly & ~UnixFileMode.UserExecute) != 0)
            {
                return KeyFileOutcome.TooOpen;
            }

            if (new FileInfo(path).Length is < SumSize or > MostBytes)
            {
                return KeyFileOutcome.Malformed;
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return KeyFileOutcome.Missing;
        }

        return ReadBody(path, parse);
    }

    static KeyFileOutcome ReadBody(string path, Func<ReadOnlyMemory<byte>, bool> parse)
    {
        byte[] bytes = [];
        try
        {
            bytes = File.ReadAllBytes(path);
            Span<byte> sum = stackalloc byte[SumSize];
            if (bytes.Length < SumSize)
            {
                return KeyFileOutcome.Malformed;
            }

            Blake2b.Hash256(bytes.AsSpan(..^SumSize), sum);
            return sum.SequenceEqual(bytes.AsSpan(^SumSize..)) && parse(bytes.AsMemory(..^SumSize))
                ? KeyFileOutcome.Loaded
                : KeyFileOutcome.Malformed;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return KeyFileOutcome.Missing;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
