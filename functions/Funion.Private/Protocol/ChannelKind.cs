namespace Funion.Private.Protocol;

/// <summary>How two parties reach each other. Material is good on the kind of channel that it was prepared on, and on no other.</summary>
public enum ChannelKind
{
    /// <summary>A connection that shows the client's address.</summary>
    Direct = 1,

    /// <summary>Streams through the mixnet.</summary>
    Anonymous = 2,
}
