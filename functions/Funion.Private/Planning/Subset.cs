namespace Funion.Private.Planning;

/// <summary>A set of candidates as bits.</summary>
/// <param name="Members">Bit i: candidate i is exchanged.</param>
/// <param name="Exchanged">Values.</param>
/// <param name="Saved">By all of them.</param>
readonly record struct Subset(ulong Members, int Exchanged, double Saved)
{
    /// <summary>Whether a candidate is exchanged.</summary>
    public bool Has(int candidate) => ((Members >> candidate) & 1) != 0;

    /// <summary>The candidates.</summary>
    public IReadOnlyList<int> ToList()
    {
        List<int> list = [];
        for (int i = 0; i < 64; i++)
        {
            if (Has(i))
            {
                list.Add(i);
            }
        }
        return list;
    }
}
