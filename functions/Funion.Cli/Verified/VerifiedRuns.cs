using Funion.Cli.Asking;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Verified;

/// <summary>
/// The runs of a round, each by the same way of asking and in a session of its own. So many are under way at once as compute takes without turning any away;
/// the others begin in their secret order, as places come free.
/// </summary>
sealed class VerifiedRuns(WayOfAsking way, IReadOnlyList<ModelEntry> providers, Action<int> done)
{
    /// <summary>Batches of a model that may wait at compute are eight; others ask too.</summary>
    const int Batches = 4;

    /// <summary>A run that got no answer is asked once more: networks lose some, and whoever withholds an answer sees the same of every kind of run.</summary>
    const int Attempts = 2;

    readonly SemaphoreSlim[] _places = [.. providers.Select(provider => new SemaphoreSlim(way.HasBuckets ? Batches * way.BatchOf(provider) : Math.Max(1, Environment.ProcessorCount / 2)))];
    int _done;

    /// <summary>What failed on this machine, and so says nothing of a provider.</summary>
    public FunionException? Trouble { get; private set; }

    public async Task<ReadOnlyMemory<byte>?> AskAsync(int provider, ReadOnlyMemory<byte> input, CancellationToken cancellation)
    {
        await _places[provider].WaitAsync(cancellation);
        try
        {
            ReadOnlyMemory<byte>? answer = null;
            FunionException? local = null;
            for (int attempt = 0; answer is null && Trouble is null && attempt < Attempts; attempt++)
            {
                (answer, local) = await TryAskAsync(provider, input, cancellation);
            }
            Trouble ??= local;
            return answer;
        }
        finally
        {
            _places[provider].Release();
            done(Interlocked.Increment(ref _done));
        }
    }

    async Task<(ReadOnlyMemory<byte>? Answer, FunionException? Local)> TryAskAsync(int provider, ReadOnlyMemory<byte> input, CancellationToken cancellation)
    {
        try
        {
            InferenceAnswer answer = await way.AskAsync(providers[provider], TensorCodec.TryParse(input)!, _ => { }, cancellation);
            // A null array would become an empty answer.
            return (answer.Tensors is { } tensors ? TensorCodec.Encode(tensors) : (ReadOnlyMemory<byte>?)null, null);
        }
        catch (FunionException error)
        {
            // On a direct line it is the provider who closes it, or denies the model, at a moment of its choice.
            bool isLocal = error.Error == FunionError.NoToken || (way.HasBuckets && error.Error is FunionError.Unreachable or FunionError.NoSuchModel or FunionError.BadInput);
            return (null, isLocal ? error : null);
        }
    }
}
