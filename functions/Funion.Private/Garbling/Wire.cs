namespace Funion.Private.Garbling;

/// <summary>A bit of a circuit under construction: a wire, perhaps inverted, or a constant.</summary>
readonly record struct Wire
{
    Wire(int number, bool inverted)
    {
        Number = number;
        IsInverted = inverted;
    }

    /// <summary>0 in every evaluation.</summary>
    public static Wire False { get; } = new(-1, inverted: false);

    /// <summary>1 in every evaluation.</summary>
    public static Wire True { get; } = new(-1, inverted: true);

    /// <summary>The wire, or −1 for a constant.</summary>
    public int Number { get; }

    /// <summary>Whether the bit is the opposite of the wire's; of a constant, its value.</summary>
    public bool IsInverted { get; }

    /// <summary>Whether both parties know the bit.</summary>
    public bool IsConstant => Number < 0;

    /// <summary>A wire of the circuit.</summary>
    public static Wire Of(int number) => new(number, inverted: false);

    /// <summary>¬.</summary>
    public static Wire operator !(Wire wire) => new(wire.Number, !wire.IsInverted);

    /// <summary>The same, inverted or not.</summary>
    public Wire InvertedIf(bool condition) => new(Number, IsInverted ^ condition);
}
