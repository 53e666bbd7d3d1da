namespace Funion.Private.Protocol;

/// <summary>What one party sent and received in a phase, headers included.</summary>
/// <param name="Sent">Bytes.</param>
/// <param name="Received">Bytes.</param>
/// <param name="Rounds">Times it waited for an answer to what it had sent.</param>
public readonly record struct Traffic(long Sent, long Received, int Rounds)
{
    /// <summary>Both ways.</summary>
    public long Bytes => Sent + Received;
}
