using Funion.Network;
using Funion.Tokens;

namespace Funion.Roles;

/// <summary>
/// The tokens of compute's own dummies, which it issues to itself. From the issuer it would have to ask for fewer the more people asked: the issuer
/// would count them.
/// </summary>
public sealed class OwnTokens(JobTokens tokens) : TokenSource
{
    /// <inheritdoc/>
    public override byte[]? TryTake(NodeId compute, long epoch) => tokens.TryMakeOwn(compute, epoch);
}
