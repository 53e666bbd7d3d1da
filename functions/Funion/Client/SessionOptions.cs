using Funion.Network;
using Funion.Tokens;

namespace Funion.Client;

/// <summary>How a <see cref="FunionSession"/> runs.</summary>
public sealed record SessionOptions
{
    /// <summary>The authorities by which newer documents are taken over; null: none are.</summary>
    public TrustedAuthorities? Pin { get; init; }

    /// <summary>The gateway to stay with; null, or one that the network has no more: one is drawn.</summary>
    public NodeId? Gateway { get; init; }

    /// <summary>Where streams under way are noted, against a crash; null: nowhere. The caller's to dispose, after the session.</summary>
    public Leftovers? Leftovers { get; init; }

    /// <summary>Tokens to pay questions with, where a network demands them; null: no question can be asked there.</summary>
    public TokenWallet? Wallet { get; init; }

    /// <summary>By what the issuer knows this client; null: the wallet is not filled.</summary>
    public TokenInvitation? Invitation { get; init; }

    /// <summary>Null: the system's.</summary>
    public TimeProvider? Clock { get; init; }
}
