using Funion.Private.Enclaves;
using Funion.Private.Networks;

namespace Funion.Cli.Enclaves;

/// <summary>A model that an enclave's provider offers.</summary>
/// <param name="Cloud">With encrypted weights.</param>
/// <param name="Policy">Of its owner.</param>
/// <param name="Architecture">As the network's document has it.</param>
/// <param name="Network">The same, read.</param>
/// <param name="Card">Of an owner who hides it; null where this process is the owner.</param>
sealed record OfferedModel(CloudModel Cloud, EnclavePolicy Policy, byte[] Architecture, IntegerNetwork Network, SealedModelCard? Card)
{
    /// <summary>Of a file, once the enclave has taken it.</summary>
    public static OfferedModel Of(SealedModelCard card, CloudModel cloud) => new(cloud, card.Policy, card.Architecture, cloud.Network, card);
}
