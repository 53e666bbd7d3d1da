namespace Funion.IntegrationTests;

/// <summary>One broker for a class of tests. What runs on it keeps apart by prefix.</summary>
public sealed class AmqpBrokerFixture : IAsyncLifetime
{
    AmqpBroker? _broker;

    public string ConnectionString => _broker!.ConnectionString;

    public async Task InitializeAsync() => _broker = await AmqpBroker.StartAsync();

    public async Task DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
    }
}
