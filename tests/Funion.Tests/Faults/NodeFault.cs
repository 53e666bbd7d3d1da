namespace Funion.Tests.Faults;

/// <summary>What strikes a node while it handles one message.</summary>
enum NodeFault
{
    /// <summary>The process dies before the operation.</summary>
    CrashBefore,

    /// <summary>The process dies after the operation.</summary>
    CrashAfter,

    /// <summary>The operation fails, and has done nothing.</summary>
    LostCall,

    /// <summary>The operation is done, and its answer is lost.</summary>
    LostAnswer,

    /// <summary>The operation hangs until another instance has taken the message over and worked it off.</summary>
    Stall,

    /// <summary>The store takes nothing new for this operation and the two after it.</summary>
    FullForAWhile,

    /// <summary>The store takes nothing new any more.</summary>
    FullForGood,

    /// <summary>The message comes a second time, under an id of its own.</summary>
    Doubled,

    /// <summary>The message that came after it on the same queue is taken before it.</summary>
    Reordered,

    /// <summary>A bit of the message is another one.</summary>
    Corrupted,

    /// <summary>The message is taken ten minutes later.</summary>
    Delayed,
}
