using Funion.Client;

namespace Funion.Cli.TwoParty;

/// <summary>A way of asking that can do its offline phase ahead of use.</summary>
interface IPreparing
{
    /// <summary>Bytes of offline phases so far.</summary>
    long OfflineBytes { get; }

    /// <summary>The offline phase for so many questions to come, each kept before the next begins. Gives how many there are now, some of other models perhaps.</summary>
    Task<int> PrepareAsync(int count, Action<ClientProgress> progress, CancellationToken cancellation);
}
