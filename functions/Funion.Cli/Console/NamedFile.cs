namespace Funion.Cli.Console;

/// <summary>A file that somebody named on the command line: what is wrong with it is said with that name, and not with a path that they never wrote.</summary>
static class NamedFile
{
    /// <exception cref="IOException">One sentence.</exception>
    public static byte[] Read(string path) => Try(path, File.ReadAllBytes);

    /// <exception cref="IOException">One sentence.</exception>
    public static FileStream Open(string path) => Try(path, File.OpenRead);

    static T Try<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"There is no file {path}.", missing);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException(Directory.Exists(path) ? $"{path} is a folder." : $"{path} may not be read.", denied);
        }
    }
}
