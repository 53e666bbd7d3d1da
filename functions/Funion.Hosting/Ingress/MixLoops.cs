using Funion.Client;
using Funion.Network;
using Funion.Roles;

namespace Funion.Hosting.Ingress;

/// <summary>
/// What the mixes publish of their own loops, which a gateway passes on: a client that asked them itself would show them its address. Asked for once a
/// minute at most; a mix that does not answer, or has no address, is left out.
/// </summary>
/// <param name="environment">Fetches, and knows the time.</param>
sealed class MixLoops(NodeEnvironment environment) : IDisposable
{
    static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1), s_patience = TimeSpan.FromSeconds(5);

    readonly SemaphoreSlim _turn = new(1, 1);
    IReadOnlyList<LoopReport> _last = [];
    DateTimeOffset _next = DateTimeOffset.MinValue;

    public async ValueTask<IReadOnlyList<LoopReport>> ReadAsync(NetworkDocument document, CancellationToken cancellation)
    {
        if (environment.Time.GetUtcNow() >= _next && await _turn.WaitAsync(TimeSpan.Zero, cancellation))
        {
            try
            {
                LoopReport?[] read = await Task.WhenAll(document.Nodes.Where(node => node.Role == NodeRole.Mix).Select(mix => AskAsync(mix, cancellation)));
                _last = [.. read.OfType<LoopReport>()];
                _next = environment.Time.GetUtcNow() + s_interval;
            }
            finally
            {
                _turn.Release();
            }
        }
        return _last;
    }

    public void Dispose() => _turn.Dispose();

    async Task<LoopReport?> AskAsync(NodeDescriptor mix, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(mix.Address.TrimEnd('/') + RouteTable.Loops, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            return null;
        }
        using CancellationTokenSource patience = new(s_patience, environment.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            // Each for itself only.
            return LoopsJson.TryRead(await environment.Fetch(address, either.Token))?.FirstOrDefault(
                report => (report.Role, report.Layer, report.Index) == (mix.Role, mix.Layer, mix.Index));
        }
        catch (Exception error) when (error is GatewayUnreachableException or PortUnavailableException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}
