using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary>
/// What a provider keeps of a SIMULATED enclave, for one process at a time.
/// <code>
/// DIR/hardware               stands for the processor; who reads it has every secret
/// DIR/store/                 <see cref="EnclaveStore"/>
/// DIR/models/NAME.sealed     <see cref="SealedModelFile"/>: as its owner made it
/// DIR/own/HASH.sealed        the same of a model whose owner this process is, of its name and weights
/// </code>
/// </summary>
sealed class EnclaveFolder
{
    const string Extension = ".sealed";

    public EnclaveFolder(string path)
    {
        Path = path;
        IsNew = !File.Exists(Hardware);
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        Directory.CreateDirectory(Models);
        Directory.CreateDirectory(Own);
    }

    public string Path { get; }

    /// <summary>Whether there was no enclave here: the first start makes one.</summary>
    public bool IsNew { get; }

    string Hardware => System.IO.Path.Combine(Path, "hardware");

    string Own => System.IO.Path.Combine(Path, "own");

    string Models => System.IO.Path.Combine(Path, "models");

    /// <summary>Files of models that were published here.</summary>
    public IEnumerable<string> Published() => Directory.EnumerateFiles(Models, "*" + Extension).Order(StringComparer.Ordinal);

    public string FileOf(string name) => System.IO.Path.Combine(Models, name + Extension);

    /// <summary>The file of a model whose owner this process is.</summary>
    public string OwnFileOf(string hash) => System.IO.Path.Combine(Own, hash + Extension);

    /// <summary>Starts the enclave.</summary>
    /// <exception cref="InvalidOperationException">It refuses; <see cref="EnclaveInUseException"/> where another process has it.</exception>
    public EnclaveHost Open(string program, Action<string>? note = null)
    {
        if (IsHeld())
        {
            // Before the store is read, in which the other's files come and go.
            throw new EnclaveInUseException(Path);
        }
        EnclaveHost host = new(
            () => EnclaveLink.StartInsecureSimulator(program, Hardware, note), new EnclaveStore(System.IO.Path.Combine(Path, "store")));
        try
        {
            EnclaveRefusal refused = host.Start();
            if (refused != EnclaveRefusal.None)
            {
                throw refused == EnclaveRefusal.InUse ? new EnclaveInUseException(Path) : new InvalidOperationException($"The enclave of {Path} does not start: {RefusalText.Of(refused)}.");
            }
            if (IsNew)
            {
                note?.Invoke($"a new enclave was made in {Path}");
            }
            return host;
        }
        catch (IOException)
        {
            host.Dispose();
            throw new InvalidOperationException($"The enclave of {Path} ended while it was started.");
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    bool IsHeld()
    {
        try
        {
            using FileStream free = new(Hardware, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            // Made by the enclave, or it says itself what is wrong.
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
