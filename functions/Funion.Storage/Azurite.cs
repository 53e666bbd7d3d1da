using System.Diagnostics;

namespace Funion.Storage;

/// <summary>
/// The storage emulator, started from the npm package <c>azurite</c> on free ports of the loopback. It ends with its owner, however that ends:
/// it reads its standard input, saves its state and leaves when that closes.
/// </summary>
public sealed class Azurite : IAsyncDisposable
{
    // Published by Microsoft for every emulator.
    internal const string Account = "devstoreaccount1";
    internal const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    // SIGINT has a listener once it has started; before, there is nothing to save. Whoever was killed reads our output no more: a broken pipe must not
    // end us before the state is saved. A folder that nobody wants to keep goes with the process, whoever was killed.
    const string Script =
        "const passing = process.argv.splice(1, 1)[0]; "
        + "process.on('exit', () => { if (passing) require('fs').rmSync(passing, { recursive: true, force: true, maxRetries: 3 }); }); "
        + "process.stdout.on('error', () => {}); process.stderr.on('error', () => {}); process.stdin.resume(); "
        + "process.stdin.on('end', () => process.emit('SIGINT') ? setTimeout(() => process.exit(1), 4000).unref() : process.exit(1)); "
        + "process.argv.splice(1, 0, 'azurite'); require(process.argv.splice(2, 1)[0]);";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    readonly Process _process;

    Azurite(Process process, string blob, string queue, string table)
    {
        _process = process;
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={AccountKey};"
            + $"BlobEndpoint={blob}/{Account};QueueEndpoint={queue}/{Account};TableEndpoint={table}/{Account};";
    }

    /// <summary>What the clients of <see cref="StorageClients"/> take.</summary>
    public string ConnectionString { get; }

    const string ProcessFile = "emulator.pid";

    /// <summary>Starts the emulator and waits until it listens.</summary>
    /// <param name="stateFolder">Where its state lies and survives; made if need be. Null: in a temporary folder, gone at the end.</param>
    /// <param name="waits">Told when another emulator still uses the folder, before waiting for its end.</param>
    /// <param name="cancellation">Stops waiting, and the emulator.</param>
    /// <exception cref="InvalidOperationException">Node.js or the package is missing, or the emulator did not start. The message says what to do.</exception>
    public static async Task<Azurite> StartAsync(string? stateFolder = null, Action<int>? waits = null, CancellationToken cancellation = default)
    {
        await WaitForPredecessorAsync(stateFolder, waits, cancellation);
        using AzuriteAddresses addresses = new();
        Process process = new() { StartInfo = Command(stateFolder), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => addresses.Read(line.Data);
        process.ErrorDataReceived += (_, line) => addresses.ReadError(line.Data);
        process.Exited += (_, _) => addresses.Fail("it ended");
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            process.Dispose();
            throw new InvalidOperationException("The storage emulator needs Node.js 20 or later, and there is no `node` on the PATH: install it.");
        }
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (stateFolder is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(stateFolder, ProcessFile), $"{process.Id}", CancellationToken.None);
        }
        try
        {
            (string blob, string queue, string table) = await addresses.Ready.WaitAsync(Patience, cancellation);
            return new Azurite(process, blob, queue, table);
        }
        catch (Exception e)
        {
            await EndAsync(process);
            if (e is TimeoutException)
            {
                throw new InvalidOperationException($"The storage emulator did not listen within {Patience.TotalSeconds} s.", e);
            }
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await EndAsync(_process);

    static async Task EndAsync(Process process)
    {
        try
        {
            process.StandardInput.Close();
            using CancellationTokenSource patience = new(Farewell);
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
        catch (IOException)
        {
            // It had ended already, and the pipe with it.
        }
        process.Dispose();
    }

    /// <summary>
    /// An emulator whose parent was killed saves what it holds before it ends. Two of them on one folder lose data, so the next waits for the last.
    /// </summary>
    static async Task WaitForPredecessorAsync(string? stateFolder, Action<int>? waits, CancellationToken cancellation)
    {
        string file = Path.Combine(stateFolder ?? "", ProcessFile);
        if (stateFolder is null || !File.Exists(file) || !int.TryParse(await File.ReadAllTextAsync(file, cancellation), out int id))
        {
            return;
        }
        try
        {
            using Process predecessor = Process.GetProcessById(id);
            // Another program may have that number by now.
            if (predecessor.ProcessName is "node" or "MainThread")
            {
                waits?.Invoke(id);
                await predecessor.WaitForExitAsync(cancellation).WaitAsync(Patience, cancellation);
            }
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"Another storage emulator (process {id}) still uses {stateFolder}.");
        }
    }

    static ProcessStartInfo Command(string? stateFolder)
    {
        ProcessStartInfo command = new("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        // Never --inMemoryPersistence: there every message is an extent of its own, and collecting one walks all the others. After three minutes of traffic
        // that was more than half of what the emulator did.
        string package = FindPackage(), folder = stateFolder ?? Directory.CreateTempSubdirectory("funion-emulator-").FullName;
        foreach (string argument in (string[])
            [
                "-e", Script, "--", stateFolder is null ? folder : "", package, "--blobPort", "0", "--queuePort", "0", "--tablePort", "0",
                "--silent", "--loose", "--skipApiVersionCheck", "--disableTelemetry", "--location", Directory.CreateDirectory(folder).FullName,
            ])
        {
            command.ArgumentList.Add(argument);
        }
        return command;
    }

    static string FindPackage()
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Directory.GetCurrentDirectory()])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string main = Path.Combine(folder.FullName, "node_modules", "azurite", "dist", "src", "azurite.js");
                if (File.Exists(main))
                {
                    return main;
                }
            }
        }
        throw new InvalidOperationException("The storage emulator is not installed: run `npm ci` (or `make setup`) in the repository.");
    }
}
