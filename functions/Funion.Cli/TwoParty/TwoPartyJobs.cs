using Funion.Private.Anonymous;
using Funion.Private.Networks;
using Funion.Private.Serving;
using Funion.Roles;

namespace Funion.Cli.TwoParty;

/// <summary>Compute's two-party jobs beside its models. Sessions are in memory: a process that begins anew has forgotten those under way, and says so.</summary>
/// <param name="networks">By the names that jobs have.</param>
/// <param name="shelf">What clients prepared; disposed with this.</param>
/// <param name="time">Clock.</param>
sealed class TwoPartyJobs(IReadOnlyDictionary<string, IntegerNetwork> networks, MaterialShelf shelf, TimeProvider time) : IDisposable
{
    readonly AnonymousProvider _provider = new(networks, shelf, time);

    /// <summary>Runs jobs of sessions, and leaves all others to the models.</summary>
    public RunBatch Before(RunBatch models) => async (model, inputs, cancellation) => _provider.Offers(model)
        ? await Task.Run(() => _provider.RunAsync(model, inputs), cancellation)
        : await models(model, inputs, cancellation);

    public void Dispose() => _provider.Dispose();
}
