namespace Funion.Roles;

/// <summary>What becomes of a held packet when it is due.</summary>
public enum HeldKind
{
    /// <summary>Goes to the next hop.</summary>
    Forward = 1,

    /// <summary>Goes to a service at this node.</summary>
    Deliver = 2,

    /// <summary>Goes into a mailbox at this gateway.</summary>
    Reply = 3,
}
