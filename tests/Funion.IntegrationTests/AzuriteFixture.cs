using Funion.Storage;

namespace Funion.IntegrationTests;

/// <summary>One emulator for the whole run, on ports of its own. What runs on it keeps apart by prefix.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    Azurite? _azurite;

    public string ConnectionString => _azurite!.ConnectionString;

    /// <summary>A prefix nobody else uses.</summary>
    public static string NewPrefix() => "t" + Guid.NewGuid().ToString("n")[..12];

    public async Task InitializeAsync() => _azurite = await Azurite.StartAsync();

    public async Task DisposeAsync()
    {
        if (_azurite is not null)
        {
            await _azurite.DisposeAsync();
        }
    }
}
