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
    const int MostBytes = 1 << 18;
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
    public static KeyFileOutcome Read(string path, Func<ReadOnlyMemory<byte>, bool> parse, int most = MostBytes)
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

            if (new FileInfo(path).Length is var size && (size < SumSize || size > most))
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

    /// <summary>Whether bytes are such a file; its body goes to <paramref name="parse"/>. The caller wipes them.</summary>
    public static bool TryOpen(ReadOnlyMemory<byte> file, Func<ReadOnlyMemory<byte>, bool> parse)
    {
        if (file.Length < SumSize)
        {
            return false;
        }

        Span<byte> sum = stackalloc byte[SumSize];
        Blake2b.Hash256(file.Span[..^SumSize], sum);
        return sum.SequenceEqual(file.Span[^SumSize..]) && parse(file[..^SumSize]);
    }

    static KeyFileOutcome ReadBody(string path, Func<ReadOnlyMemory<byte>, bool> parse)
    {
        byte[] bytes = [];
        try
        {
            bytes = File.ReadAllBytes(path);
            return TryOpen(bytes, parse) ? KeyFileOutcome.Loaded : KeyFileOutcome.Malformed;
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
