using System.Net;
using System.Net.Sockets;
using Funion.Cli.LocalNetwork;

namespace Funion.IntegrationTests;

/// <summary>A fast network in memory behind HTTP, and a folder with its document and its pin.</summary>
public sealed class MemoryNetworkFixture : IAsyncLifetime
{
    internal LocalHost Host { get; private set; } = null!;

    public string Folder { get; } = Directory.CreateTempSubdirectory("funion-network-").FullName;

    /// <summary>The signed document; its pin lies beside it.</summary>
    public string Document => Path.Combine(Folder, "network.json");

    public static Uri FreeAddress()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}");
    }

    public async Task InitializeAsync()
    {
        Host = await LocalHost.StartAsync(
            new LocalHostOptions
            {
                Listen = new Uri("http://127.0.0.1:0"), Buckets = [TimeSpan.FromSeconds(1)], MeanDelay = TimeSpan.FromMilliseconds(20), Rate = 20_000,
            },
            default);
        await File.WriteAllBytesAsync(Document, Host.Signed.ToBytes());
        await File.WriteAllBytesAsync(Document + ".authorities", Host.Trusted.ToBytes());
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
