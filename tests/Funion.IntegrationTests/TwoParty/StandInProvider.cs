using Funion.Cli.Ingress;
using Funion.Cli.TwoParty;
using Funion.Models.Digits;
using Funion.Network;
using Funion.Private.Networks;
using Funion.Private.Serving;

namespace Funion.IntegrationTests.TwoParty;

/// <summary>A provider under any key, with any network.</summary>
sealed class StandInProvider(DirectServer direct, IngressServer server) : IAsyncDisposable
{
    public Uri Address => server.Address;

    public static async Task<StandInProvider> StartAsync(NodeKeys keys, IntegerNetwork network, DirectLimits limits)
    {
        DirectServer direct = new(new Dictionary<string, IntegerNetwork> { [DigitModel.Name] = network }, keys, null, TimeProvider.System, limits);
        return new StandInProvider(
            direct,
            await IngressServer.StartAsync(new Uri("http://127.0.0.1:0"), 1, direct.Before(_ => Task.CompletedTask), default, DirectServer.MostSockets));
    }

    public async ValueTask DisposeAsync()
    {
        await direct.DisposeAsync();
        await server.DisposeAsync();
    }
}
