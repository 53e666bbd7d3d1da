using System.Security.Cryptography;
using Funion.Cli.Console;
using Funion.Cryptography;
using Funion.Network;
using Funion.Private.Protocol;

namespace Funion.Cli.TwoParty;

/// <summary>
/// This user's prepared material for a network and a kind of channel: a folder of single-use files, encrypted under a key beside them that only the user
/// reads. The key keeps copies of the files (a backup, a sold disk) from being of use to who has not the key too; it does not keep them from the user.
/// </summary>
static class ClientMaterials
{
    const string KeyFile = "key";

    /// <summary>Opens it, and makes it if it is not there.</summary>
    /// <exception cref="IOException">The folder cannot be used, or others can read its key.</exception>
    public static MaterialFolder Open(NetworkDocument document, ChannelKind channel)
    {
        string folder = FunionHome.FolderOf(document, "two-party");
        Directory.CreateDirectory(folder);
        byte[] key = ReadOrMakeKey(Path.Combine(folder, KeyFile));
        try
        {
            return new MaterialFolder(Path.Combine(folder, channel == ChannelKind.Direct ? "direct" : "anonymous"), key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    static byte[] ReadOrMakeKey(string file)
    {
        if (!File.Exists(file))
        {
            MakeKey(file);
        }
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
        {
            throw new IOException($"Others than its owner can read {file}.");
        }
        byte[] key = File.ReadAllBytes(file);
        return key.Length == AesGcmSiv.KeySize ? key : throw new IOException($"{file} is no key of prepared material.");
    }

    /// <summary>Whole or not at all; where two processes make one, the first counts.</summary>
    static void MakeKey(string file)
    {
        string fresh = $"{file}.{Environment.ProcessId}.new";
        byte[] key = RandomNumberGenerator.GetBytes(AesGcmSiv.KeySize);
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (FileStream stream = new(fresh, options))
        {
            stream.Write(key);
            stream.Flush(flushToDisk: true);
        }
        CryptographicOperations.ZeroMemory(key);
        try
        {
            File.Move(fresh, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(fresh);
        }
    }
}
