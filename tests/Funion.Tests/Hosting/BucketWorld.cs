using System.Buffers.Binary;
using Funion.Contracts;
using Funion.Inference;
using Funion.Mixing;

namespace Funion.Tests.Hosting;

/// <summary>
/// Compute as a boundary sees it, with its own clock: jobs that arrive complete at known times and run for known times. What is done already is left as
/// it is, as of the engine, so that whatever calls may call again.
/// </summary>
/// <param name="grid">The bucket's grid.</param>
/// <param name="began">When the clock begins.</param>
/// <param name="arrivals">When each job's input is complete, and how long it runs.</param>
sealed class BucketWorld(BucketGrid grid, DateTimeOffset began, IReadOnlyList<(DateTimeOffset Complete, TimeSpan Runs)> arrivals)
{
    public const int Batch = 4, Overruns = 2;

    readonly Job[] _jobs = [.. arrivals.Select((arrival, i) => new Job(IdOf(i), arrival.Complete, arrival.Runs))];
    readonly SortedDictionary<DateTimeOffset, (DateTimeOffset Decided, BucketTurn Turn)> _turns = [];

    public BucketGrid Grid => grid;

    public DateTimeOffset Now { get; private set; } = began;

    /// <summary>When each job was released, as its boundary says.</summary>
    public IReadOnlyDictionary<int, DateTimeOffset> Released => _jobs.Select((job, i) => (i, job)).Where(job => job.job.Stage == BucketStage.Released)
        .ToDictionary(job => job.i, job => job.job.Since);

    public IReadOnlyDictionary<int, DateTimeOffset> Started => _jobs.Select((job, i) => (i, job)).Where(job => job.job.Started is not null)
        .ToDictionary(job => job.i, job => job.job.Started!.Value);

    public int Failed => _jobs.Count(job => job.Failed);

    /// <summary>What was released more than once: never anything.</summary>
    public int ReleasedTwice { get; private set; }

    /// <summary>Boundaries that had their turn, in order, and when each was decided.</summary>
    public IReadOnlyList<(DateTimeOffset Boundary, DateTimeOffset Decided)> Boundaries => [.. _turns.Select(turn => (turn.Key, turn.Value.Decided))];

    /// <summary>Everything that was decided, as text: two clocks that agree have the same.</summary>
    public IEnumerable<string> Schedule => _turns.Select(turn =>
        $"{turn.Key:HH:mm:ss} at {turn.Value.Decided:HH:mm:ss.f} start {Names(turn.Value.Turn.Start)} release {Names(turn.Value.Turn.Release)} fail {Names(turn.Value.Turn.Fail)}");

    public void AdvanceTo(DateTimeOffset to) => Now = to > Now ? to : Now;

    public BucketTurn Admit(DateTimeOffset boundary)
    {
        SeeToIt();
        BucketRound round = BucketRound.At(
            boundary, grid, [.. _jobs.Where(job => job.Complete <= Now).Select(job => new BucketJob(job.Id, job.Stage, job.Since, false))], Batch, Overruns,
            new SeededRandom((ulong)boundary.UtcTicks));
        BucketTurn turn = new(boundary, Texts(round.Start), Texts(round.Release), Texts(round.Fail));
        _turns[boundary] = (Now, turn);
        return turn;
    }

    public void Release(BucketTurn turn)
    {
        SeeToIt();
        foreach (Job job in Known(turn.Release))
        {
            if (job.Stage == BucketStage.Sealed)
            {
                ReleasedTwice += job.Out ? 1 : 0;
                job.Out = true;
                job.Stage = BucketStage.Released;
                job.Since = turn.Boundary;
            }
        }
        foreach (Job job in Known(turn.Fail).Where(job => job.Stage == BucketStage.Running))
        {
            job.Failed = true;
            job.Stage = BucketStage.Sealed;
            job.Since = Now;
        }
    }

    public void Run(BucketTurn turn)
    {
        SeeToIt();
        foreach (Job job in Known(turn.Start).Where(job => job.Stage == BucketStage.Complete))
        {
            job.Stage = BucketStage.Running;
            job.Since = turn.Boundary;
            job.Started = turn.Boundary;
            job.Done = (Now > turn.Boundary ? Now : turn.Boundary) + job.Runs;
        }
    }

    /// <summary>What runs is sealed when its time is over.</summary>
    void SeeToIt()
    {
        foreach (Job job in _jobs.Where(job => job.Stage == BucketStage.Running && job.Done <= Now))
        {
            job.Stage = BucketStage.Sealed;
            job.Since = job.Done;
        }
    }

    IEnumerable<Job> Known(IReadOnlyList<string> names) => names.Select(name => _jobs.Single(job => job.Id.ToString() == name));

    string Names(IReadOnlyList<string> names) => string.Join(',', names.Select(name => Array.FindIndex(_jobs, job => job.Id.ToString() == name)));

    static string[] Texts(IReadOnlyList<Bytes32> ids) => [.. ids.Select(id => id.ToString())];

    static Bytes32 IdOf(int number)
    {
        byte[] id = new byte[32];
        BinaryPrimitives.WriteInt32BigEndian(id, number);
        return new Bytes32(id);
    }

    sealed class Job(Bytes32 id, DateTimeOffset complete, TimeSpan runs)
    {
        public Bytes32 Id => id;

        public DateTimeOffset Complete { get; } = complete;

        public TimeSpan Runs => runs;

        public BucketStage Stage { get; set; } = BucketStage.Complete;

        public DateTimeOffset Since { get; set; } = complete;

        public DateTimeOffset? Started { get; set; }

        public DateTimeOffset Done { get; set; }

        public bool Failed { get; set; }

        public bool Out { get; set; }
    }
}
