namespace Funion.Network;

/// <summary>
/// What the document says of a model in two-party mode. Compute is asked directly at its address, under its identity key.
/// </summary>
/// <param name="Architecture">
/// BLAKE2b-256 of the network's architecture, 32 bytes: shapes and scales, never weights. Whoever asks holds compute to it, so that all clients are told one
/// architecture, and none another that marks it.
/// </param>
public sealed record TwoPartyEntry(byte[] Architecture)
{
    /// <summary>
    /// The entry whose jobs carry a model's sessions through the mixnet, where the network has one: an entry like any model's, with sizes, buckets and dummies of
    /// its own, whose input and output are pieces of a session.
    /// </summary>
    public static string JobsOf(string model) => model + Jobs;

    /// <summary>Whether an entry carries another model's sessions: nobody asks it by its name.</summary>
    public static bool IsJobs(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.EndsWith(Jobs, StringComparison.Ordinal);
    }

    const string Jobs = "/two-party";
}
