namespace Funion.Roles;

/// <summary>What a slot is for.</summary>
public enum SlotKind : byte
{
    /// <summary>A message on a link that this node originates: to a replica.</summary>
    Link = 1,

    /// <summary>The one reply to a command that came over a link.</summary>
    Reply = 2,

    /// <summary>A loop of this node's own through the mixnet.</summary>
    Loop = 3,
}
