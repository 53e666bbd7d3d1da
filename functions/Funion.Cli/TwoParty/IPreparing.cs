using Funion.Client;

namespace Funion.Cli.TwoParty;

/// <summary>A way of asking that can do its offline phase ahead of use.</summary>
interface IPreparing
{
    /// <summary>Bytes of offline phases so far.</summary>
    long OfflineBytes { get; }

    /// <summary>Questions that were prepared and kept so far.</summary>
    int Ready { get; }

    /// <summary>The offline phase for so many questions to come, each kept before the next begins. Gives how many are prepared now for this model and channel.</summary>
    Task<int> PrepareAsync(int count, Action<ClientProgress> progress, CancellationToken cancellation);
}
