using Funion.Private.Enclaves;

namespace Funion.Cli.Enclaves;

/// <summary>
/// What a provider keeps of a SIMULATED enclave, for one process at a time.
/// <code>
/// DIR/hardware               stands for the processor; who reads it has every secret
/// DIR/store/                 <see cref="EnclaveStore"/>
/// DIR/models/NAME.sealed     <see cref="SealedModelFile"/>: as its owner made it
/// </code>
/// </summary>
sealed class EnclaveFolder
{
    const string Extension = ".sealed";

    public EnclaveFolder(string path)
    {
        Path = path;
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        Directory.CreateDirectory(Models);
    }

    public string Path { get; }

    string Models => System.IO.Path.Combine(Path, "models");

    /// <summary>Files of models that were published here.</summary>
    public IEnumerable<string> Published() => Directory.EnumerateFiles(Models, "*" + Extension).Order(StringComparer.Ordinal);

    public string FileOf(string name) => System.IO.Path.Combine(Models, name + Extension);

    /// <summary>Starts the enclave.</summary>
    /// <exception cref="InvalidOperationException">It refuses.</exception>
    public EnclaveHost Open(string program, Action<string>? note = null)
    {
        EnclaveHost host = new(
            () => EnclaveLink.StartInsecureSimulator(program, System.IO.Path.Combine(Path, "hardware"), note), new EnclaveStore(System.IO.Path.Combine(Path, "store")));
        try
        {
            EnclaveRefusal refused = host.Start();
            return refused == EnclaveRefusal.None ? host : throw new InvalidOperationException($"The enclave does not start: {refused}.");
        }
        catch (IOException)
        {
            host.Dispose();
            throw new InvalidOperationException($"The enclave does not start. Is another process using {Path}?");
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }
}
