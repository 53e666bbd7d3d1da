using Funion.Mixing;

namespace Funion.Roles;

/// <summary>
/// Output boxes that wait for their boundary, of all offerings together: what leaves at one boundary is one shuffled lot, or the order in which it leaves would
/// say which model and which bucket it is of.
/// </summary>
sealed class ReleaseQueue(RandomSource random)
{
    readonly SortedDictionary<DateTimeOffset, List<(JobState State, int Box)>> _waiting = [];

    /// <summary>The next boundary for which something waits.</summary>
    public DateTimeOffset Next => _waiting.Count == 0 ? DateTimeOffset.MaxValue : _waiting.First().Key;

    /// <summary>All boxes of a job are to leave at a boundary.</summary>
    public void Add(DateTimeOffset boundary, JobState state)
    {
        if (!_waiting.TryGetValue(boundary, out List<(JobState, int)>? lot))
        {
            _waiting.Add(boundary, lot = []);
        }
        lot.AddRange(Enumerable.Range(0, state.Outputs.Count).Select(box => (state, box)));
    }

    /// <summary>What may leave now, in random order.</summary>
    public IReadOnlyList<(JobState State, int Box)> Take(DateTimeOffset now)
    {
        List<(JobState State, int Box)> lot = [];
        while (Next <= now)
        {
            DateTimeOffset boundary = Next;
            lot.AddRange(_waiting[boundary]);
            _waiting.Remove(boundary);
        }
        (JobState State, int Box)[] shuffled = [.. lot];
        random.Shuffle(shuffled.AsSpan());
        return shuffled;
    }
}
