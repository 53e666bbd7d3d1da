using Funion.Private.Anonymous;
using Funion.Private.Networks;
using Funion.Private.Serving;
using Funion.Roles;

namespace Funion.Cli.TwoParty;

/// <summary>Compute's two-party jobs beside its models. What clients prepared is in memory: a process that begins anew has forgotten it, and says so.</summary>
sealed class TwoPartyJobs(IReadOnlyDictionary<string, IntegerNetwork> networks, TimeProvider time) : IDisposable
{
    readonly AnonymousProvider _provider = new(networks, new MaterialShelf(ShelfLimits.Memory with { PartyBytes = ShelfLimits.Memory.Bytes }, time), time);

    /// <summary>Runs jobs of sessions, and leaves all others to the models.</summary>
    public RunBatch Before(RunBatch models) => async (model, inputs, cancellation) => _provider.Offers(model)
        ? await Task.Run(() => _provider.RunAsync(model, inputs), cancellation)
        : await models(model, inputs, cancellation);

    public void Dispose() => _provider.Dispose();
}
