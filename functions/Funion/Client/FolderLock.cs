namespace Funion.Client;

/// <summary>The right of one process to a folder: a file in it that is held open, and that the system lets go of when the process dies.</summary>
static class FolderLock
{
    /// <summary>The file's name.</summary>
    public const string Name = "lock";

    /// <summary>Takes it until disposed of; null while somebody has it, or when the folder cannot be written.</summary>
    public static FileStream? TryTake(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, Name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception held) when (held is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
