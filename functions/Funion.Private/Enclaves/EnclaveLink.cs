using System.Diagnostics;

namespace Funion.Private.Enclaves;

/// <summary>An enclave's process and the pipe to it; ended with this.</summary>
public sealed class EnclaveLink : IDisposable
{
    const string Prefix = "funion: ";

    readonly Process? _process;

    EnclaveLink(Process process)
    {
        _process = process;
        Pipe = new EnclavePipe(process.StandardOutput.BaseStream, process.StandardInput.BaseStream);
    }

    /// <summary>An enclave at the other end of a pipe of one's own.</summary>
    public EnclaveLink(EnclavePipe pipe) => Pipe = pipe;

    /// <summary>The pipe.</summary>
    public EnclavePipe Pipe { get; }

    /// <summary>The process, for as long as it lives; 0 when there is none of its own.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Seconds that the process has computed so far, on all processors.</summary>
    public double ProcessorSeconds => _process?.TotalProcessorTime.TotalSeconds ?? 0;

    /// <summary>Starts the program with the simulator in place of hardware, which protects nothing.</summary>
    /// <param name="program">Path of Funion.Enclave.</param>
    /// <param name="hardware">The file that stands for the hardware.</param>
    /// <param name="note">Told what the process says of itself: what it is, and what protects it or does not.</param>
    public static EnclaveLink StartInsecureSimulator(string program, string hardware, Action<string>? note = null)
    {
        ProcessStartInfo start = new(program, ["--insecure-simulator", hardware])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        // Nothing of this process's surroundings is the enclave's business but what the runtime needs.
        string[] kept = [.. start.Environment.Keys.Where(name => name is not ("PATH" or "HOME" or "TMPDIR") && !name.StartsWith("DOTNET_ROOT", StringComparison.Ordinal))];
        foreach (string name in kept)
        {
            start.Environment.Remove(name);
        }
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        Process process = Process.Start(start) ?? throw new InvalidOperationException("The enclave did not start.");
        process.ErrorDataReceived += (_, said) =>
        {
            if (said.Data is { } line)
            {
                // Whoever shows it says where it is from.
                note?.Invoke(line.StartsWith(Prefix, StringComparison.Ordinal) ? line[Prefix.Length..] : line);
            }
        };
        process.BeginErrorReadLine();
        return new EnclaveLink(process);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process?.Dispose();
        Pipe.Dispose();
    }
}
