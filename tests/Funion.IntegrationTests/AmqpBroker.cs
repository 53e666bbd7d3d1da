using System.Diagnostics;

namespace Funion.IntegrationTests;

/// <summary>
/// The broker of tests/tools/amqp-broker.mjs in a process of its own: it ends with its owner, however that ends, for its standard input closes then.
/// </summary>
public sealed class AmqpBroker : IAsyncDisposable
{
    const string Listening = "listening on ";
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    readonly Process _process;

    AmqpBroker(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The key is nobody's: the broker takes every token.</summary>
    public string ConnectionString =>
        $"Endpoint=sb://127.0.0.1:{Port};SharedAccessKeyName=test;SharedAccessKey=dGVzdA==;UseDevelopmentEmulator=true;";

    /// <summary>Starts it and waits until it listens: on a free port when none is given, with locks of a minute, making queues that are asked for.</summary>
    public static async Task<AmqpBroker> StartAsync(int port = 0, TimeSpan? lockTime = null, bool noQueues = false)
    {
        ProcessStartInfo command = new("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        command.ArgumentList.Add(Path.Combine(RepositoryRoot(), "tests", "tools", "amqp-broker.mjs"));
        command.ArgumentList.Add($"--port={port}");
        command.ArgumentList.Add($"--lock={(lockTime ?? TimeSpan.FromMinutes(1)).TotalMilliseconds}");
        if (noQueues)
        {
            command.ArgumentList.Add("--no-queues");
        }
        Process process = Process.Start(command)!;
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);
        return line is not null && line.StartsWith(Listening, StringComparison.Ordinal)
            ? new AmqpBroker(process, int.Parse(line.AsSpan(Listening.Length)))
            : throw new InvalidOperationException("The broker did not start; is Node.js there, and `npm ci` done?");
    }

    /// <summary>Ends it as a power cut would: nobody is told, and all that it held is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }
        _process.Dispose();
    }

    static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Funion.Serverless.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
