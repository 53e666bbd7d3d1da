using Funion.Network;

namespace Funion.Tokens;

/// <summary>Where a client takes the token that pays for a job.</summary>
public abstract class TokenSource
{
    /// <summary>
    /// Takes a token for a job of an epoch at a compute node; null when there is none. It is never given out again, and never fetched now: a request to
    /// the issuer at the time of a question would tell the issuer who asks.
    /// </summary>
    public abstract byte[]? TryTake(NodeId compute, long epoch);
}
