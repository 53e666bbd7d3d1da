namespace Funion.Cli.Anonymity.Games;

/// <summary>What an attacker does to a part of the packets that pass him.</summary>
enum AttackKind
{
    /// <summary>Nothing: how often the alarm is false.</summary>
    None,

    /// <summary>A node drops packets.</summary>
    Drop,

    /// <summary>A node holds packets back.</summary>
    Delay,

    /// <summary>A node changes the payload of packets on their way to services.</summary>
    TagForward,

    /// <summary>A node changes the payload of replies.</summary>
    TagReply,

    /// <summary>A courier drops envelopes and answers loops, which it can tell apart.</summary>
    DropEnvelopes,

    /// <summary>A mix lets one client's packets and its own through, and nobody else's (n − 1).</summary>
    LetOneThrough,
}
