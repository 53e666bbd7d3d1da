namespace Funion.Roles;

/// <summary>What became of loops that ended.</summary>
/// <param name="Sent">Loops sent.</param>
/// <param name="Returned">Loops that came back whole.</param>
/// <param name="Damaged">Loops that came back changed.</param>
/// <param name="Late">Of those that returned: later than their delays and a healthy network explain.</param>
public readonly record struct LoopTotals(long Sent, long Returned, long Damaged, long Late)
{
    /// <summary>Both together.</summary>
    public static LoopTotals operator +(LoopTotals left, LoopTotals right) =>
        new(left.Sent + right.Sent, left.Returned + right.Returned, left.Damaged + right.Damaged, left.Late + right.Late);

    /// <summary>What came since.</summary>
    public static LoopTotals operator -(LoopTotals left, LoopTotals right) =>
        new(left.Sent - right.Sent, left.Returned - right.Returned, left.Damaged - right.Damaged, left.Late - right.Late);
}
