using System.Security.Cryptography;
using Funion.Bacap;
using Funion.Inference;

namespace Funion.Roles;

/// <summary>A job in the process: what is at rest, and how far it has come.</summary>
sealed class JobState(AcceptedJob accepted, ComputeOffering offering, bool dummy)
{
    public AcceptedJob Accepted { get; } = accepted;

    public Bytes32 Id { get; } = accepted.Id;

    public ComputeOffering Offering { get; } = offering;

    public bool Dummy { get; } = dummy;

    public BucketStage Stage { get; private set; }

    public DateTimeOffset Since { get; private set; }

    public byte[] Input { get; set; } = [];

    public IReadOnlyList<Box> Outputs { get; set; } = [];

    public int Unwritten { get; set; }

    public void MoveTo(BucketStage stage, DateTimeOffset since)
    {
        Stage = stage;
        Since = since;
    }

    public BucketJob ToBucketJob() => new(Id, Stage, Since, Dummy);

    /// <summary>Somebody's question does not stay in memory longer than its answer takes.</summary>
    public void Wipe() => CryptographicOperations.ZeroMemory(Input);
}
