namespace Funion.Private.Protocol;

/// <summary>Where keeping and taking material can be cut off: after each of these the disk is in another state.</summary>
enum MaterialStep
{
    /// <summary>The new file is begun.</summary>
    Begun,

    /// <summary>All is written and flushed, under another name.</summary>
    Written,

    /// <summary>It has its name.</summary>
    Kept,

    /// <summary>All is read.</summary>
    Read,

    /// <summary>The salt is overwritten: what is left opens with no key.</summary>
    Unsalted,

    /// <summary>All is overwritten.</summary>
    Overwritten,

    /// <summary>It is gone.</summary>
    Removed,
}
