using Funion.Contracts;
using Funion.Roles;

namespace Funion.Tests.Simulation;

/// <summary>
/// Drives actors by a clock that jumps from event to event, on one thread: over the memory ports every operation is complete when it returns, so a run
/// is exact, and an hour of traffic takes seconds.
/// </summary>
sealed class VirtualRun(VirtualTime time)
{
    readonly List<Entry> _entries = [];

    public void Add(params IEnumerable<Actor> actors)
    {
        foreach (Actor actor in actors)
        {
            Entry entry = new(actor) { Next = DateTimeOffset.MinValue };
            actor.Woken += () => entry.Next = DateTimeOffset.MinValue;
            _entries.Add(entry);
        }
    }

    /// <summary>Runs until something holds; fails after so much virtual time.</summary>
    public void Until(Func<bool> holds, TimeSpan limit)
    {
        DateTimeOffset end = time.GetUtcNow() + limit;
        while (!holds())
        {
            if (!Step(end))
            {
                Assert.Fail($"Not within {limit} of virtual time.");
            }
        }
    }

    /// <summary>Runs until a task is complete and gives its result.</summary>
    public T Until<T>(Task<T> task, TimeSpan limit)
    {
        Until(() => task.IsCompleted, limit);
        return task.GetAwaiter().GetResult();
    }

    public void For(TimeSpan span)
    {
        DateTimeOffset end = time.GetUtcNow() + span;
        while (Step(end))
        {
        }
    }

    /// <summary>One actor's step, the earliest; false when the next lies behind the end.</summary>
    bool Step(DateTimeOffset end)
    {
        Entry first = _entries.MinBy(entry => entry.Next)!;
        if (first.Next > end)
        {
            time.AdvanceTo(end);
            return false;
        }
        if (first.Next > time.GetUtcNow())
        {
            time.AdvanceTo(first.Next);
        }
        // Set before the step: being woken during it means another one.
        first.Next = DateTimeOffset.MaxValue;
        Task<DateTimeOffset> step = first.Actor.StepAsync(CancellationToken.None).AsTask();
        Assert.True(step.IsCompleted, "In virtual time nothing waits for real.");
        DateTimeOffset next = step.GetAwaiter().GetResult();
        first.Next = next < first.Next ? next : first.Next;
        return true;
    }

    sealed class Entry(Actor actor)
    {
        public Actor Actor { get; } = actor;

        public DateTimeOffset Next { get; set; }
    }
}
