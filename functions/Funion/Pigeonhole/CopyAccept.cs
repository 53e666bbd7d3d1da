namespace Funion.Pigeonhole;

/// <summary>What a courier that copies is told of one box.</summary>
public enum CopyAccept : byte
{
    /// <summary>The client did not ask for it: any request but a write for a copy, and a failure that may pass.</summary>
    NotAsked = 0,

    /// <summary>The box is there, now or already.</summary>
    Taken = 1,

    /// <summary>It will not be taken.</summary>
    Refused = 2,
}
