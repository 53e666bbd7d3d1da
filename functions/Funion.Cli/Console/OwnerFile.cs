namespace Funion.Cli.Console;

/// <summary>A file that only its owner reads, from its first byte on, and that is written whole or not at all.</summary>
static class OwnerFile
{
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string fresh = path + ".new";
        File.Delete(fresh);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (FileStream file = new(fresh, options))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, path, overwrite: true);
    }
}
