namespace Funion.Storage;

/// <summary>A message in a <see cref="VisibilityHeap"/>.</summary>
sealed class HeldMessage(long number, byte[] message)
{
    public long Number => number;

    public byte[] Message => message;

    /// <summary>UTC ticks: when its delay or its present lease ends.</summary>
    public long VisibleAt { get; set; }

    /// <summary>UTC ticks: when its delay ends.</summary>
    public required long Since { get; init; }

    /// <summary>Deliveries so far. The receipt of a delivery: a later one makes it void.</summary>
    public int Attempt { get; set; }

    public int Place { get; set; }
}
