namespace Funion.Private.Planning;

/// <summary>
/// Sets of exchanged activations that are worth a look: for what they cost, none keeps more. All subsets where there are few; otherwise a beam that exchanges one more
/// at a time, and then moves that put one in another's place for as long as one helps.
/// </summary>
/// <param name="kept">Values of each candidate.</param>
/// <param name="saving">What exchanging it saves; negative if it costs more.</param>
sealed class SubsetSearch(IReadOnlyList<int> kept, IReadOnlyList<double> saving)
{
    /// <summary>Up to here all subsets are looked at.</summary>
    public const int MostExhaustive = 12;

    const int Beam = 48;

    /// <summary>The front, from the set that exchanges least; savings rise from one to the next, and what is exchanged with them.</summary>
    public IReadOnlyList<Subset> Front() => kept.Count <= MostExhaustive ? Undominated(All()) : Improved(Grown());

    /// <summary>At most so many of a front: its ends, those nearest to <paramref name="wanted"/>, and the others evenly.</summary>
    public static IReadOnlyList<Subset> Thin(IReadOnlyList<Subset> front, int most, IEnumerable<Subset> wanted)
    {
        if (front.Count <= most)
        {
            return front;
        }
        HashSet<int> taken = [0, front.Count - 1];
        foreach (Subset one in wanted)
        {
            if (taken.Count < most)
            {
                taken.Add(front.ToList().FindIndex(other => other.Members == one.Members));
            }
        }
        for (int i = 1; taken.Count < most; i++)
        {
            // Evenly; where one is there already, its neighbours in the second round.
            taken.Add(i < most ? i * (front.Count - 1) / most : i - most + 1);
        }
        return [.. taken.Where(index => index >= 0).Order().Select(index => front[index])];
    }

    Subset Of(ulong members)
    {
        (int exchanged, double saved) = (0, 0);
        for (int i = 0; i < kept.Count; i++)
        {
            (exchanged, saved) = ((members >> i) & 1) == 0 ? (exchanged, saved) : (exchanged + kept[i], saved + saving[i]);
        }
        return new Subset(members, exchanged, saved);
    }

    IEnumerable<Subset> All() => Enumerable.Range(0, 1 << kept.Count).Select(members => Of((ulong)members));

    List<Subset> Grown()
    {
        List<Subset> all = [Of(0)], level = [Of(0)];
        for (int size = 0; size < kept.Count; size++)
        {
            IEnumerable<Subset> next = level.SelectMany(set => Enumerable.Range(0, kept.Count).Where(i => !set.Has(i)).Select(i => Of(set.Members | (1UL << i)))).DistinctBy(set => set.Members);
            // The cheapest of every number of values kept first, then what saves most.
            level = [.. Undominated(next).Reverse().Take(Beam)];
            all.AddRange(level);
        }
        return all;
    }

    IReadOnlyList<Subset> Improved(List<Subset> sets)
    {
        IReadOnlyList<Subset> front = Undominated(sets);
        for (bool better = true; better;)
        {
            IReadOnlyList<Subset> next = Undominated(front.Concat(front.SelectMany(Moves)));
            better = !next.Select(set => (set.Exchanged, set.Saved)).SequenceEqual(front.Select(set => (set.Exchanged, set.Saved)));
            front = next;
        }
        return front;
    }

    /// <summary>One in another's place.</summary>
    IEnumerable<Subset> Moves(Subset set) =>
        from leaves in Enumerable.Range(0, kept.Count)
        where set.Has(leaves)
        from comes in Enumerable.Range(0, kept.Count)
        where !set.Has(comes)
        select Of((set.Members & ~(1UL << leaves)) | (1UL << comes));

    static IReadOnlyList<Subset> Undominated(IEnumerable<Subset> sets)
    {
        List<Subset> front = [];
        // Least exchanged first, and of those what saves most: each later one must save more. Ties go to the first, so that the answer is one.
        foreach (Subset set in sets.OrderBy(set => set.Exchanged).ThenByDescending(set => set.Saved).ThenBy(set => set.Members))
        {
            if (front.Count == 0 || set.Saved > front[^1].Saved)
            {
                front.Add(set);
            }
        }
        return front;
    }
}
