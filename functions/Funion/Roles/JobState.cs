using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Inference;

namespace Funion.Roles;

/// <summary>A job in the process: what is at rest, and how far it has come.</summary>
sealed class JobState(AcceptedJob accepted, ComputeOffering offering, bool dummy) : IDisposable
{
    readonly CancellationTokenSource _fetch = new();
    readonly HashSet<int> _written = [];

    public AcceptedJob Accepted { get; } = accepted;

    public Bytes32 Id { get; } = accepted.Id;

    public ComputeOffering Offering { get; } = offering;

    public bool Dummy { get; } = dummy;

    public BucketStage Stage { get; private set; }

    public DateTimeOffset Since { get; private set; }

    public byte[] Input { get; set; } = [];

    public IReadOnlyList<Box> Outputs { get; set; } = [];

    /// <summary>Whether it waits for a boundary, or for its input, and could still be turned away.</summary>
    public bool IsWaiting => Stage <= BucketStage.Complete;

    /// <summary>Ends when nobody waits for the input any more.</summary>
    public CancellationToken Fetching => _fetch.Token;

    public void MoveTo(BucketStage stage, DateTimeOffset since)
    {
        Stage = stage;
        Since = since;
        if (stage != BucketStage.Fetching)
        {
            EndFetching();
        }
    }

    /// <summary>A box has been written, or will never be; true when none is left.</summary>
    public bool Wrote(int box)
    {
        _written.Add(box);
        return _written.Count == Outputs.Count;
    }

    public BucketJob ToBucketJob() => new(Id, Stage, Since, Dummy);

    /// <summary>Somebody's question does not stay in memory longer than its answer takes.</summary>
    public void Dispose()
    {
        EndFetching();
        _fetch.Dispose();
        CryptographicOperations.ZeroMemory(Input);
        Accepted.Job.Output.Wipe();
    }

    void EndFetching()
    {
        if (!_fetch.IsCancellationRequested)
        {
            _fetch.Cancel();
        }
    }
}
