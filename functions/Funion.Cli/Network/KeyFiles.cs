using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary>Where key files go, and what went wrong with one, for people.</summary>
static class KeyFiles
{
    /// <summary>A folder that is made for a key file is its owner's alone; one that is there stays as it is.</summary>
    public static void MakeFolder(string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public static int Error(Output output, string file, KeyFileOutcome outcome) => outcome switch
    {
        KeyFileOutcome.Missing => output.Error(ExitCode.Failed, $"{file} cannot be read.", "make a key: funion network key FILE"),
        KeyFileOutcome.TooOpen => output.Error(ExitCode.Failed, $"{file} can be read by others than its owner.", $"chmod 600 {file}"),
        _ => output.Error(ExitCode.Failed, $"{file} is damaged or holds other keys."),
    };
}
