using Funion.Inference;
using Funion.Roles;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>One question: its boxes, how far compute has come with it, and when, in seconds, what compute or the holder of its capabilities sees.</summary>
sealed class SimJob(Job job, ComputeOffering offering, SimBox[] inputs, SimBox[] outputs, TimeSpan run)
{
    readonly HashSet<int> _written = [];

    public Job Job => job;

    public Bytes32 Id { get; } = new(job.Nonce.Span);

    public ComputeOffering Offering => offering;

    public SimBox[] Inputs => inputs;

    public SimBox[] Outputs => outputs;

    /// <summary>How long the model needs for it.</summary>
    public TimeSpan Run => run;

    public bool Dummy { get; set; }

    public BucketStage Stage { get; set; }

    public DateTimeOffset Since { get; set; }

    /// <summary>When compute got it.</summary>
    public double Arrived { get; set; } = double.NaN;

    /// <summary>When its dispatch left the gateway.</summary>
    public double Entered { get; set; } = double.NaN;

    /// <summary>The boundary at which it started.</summary>
    public double Started { get; set; } = double.NaN;

    /// <summary>Completes when whoever asked has deleted everything.</summary>
    public Task Forgotten { get; set; } = Task.CompletedTask;

    /// <summary>A box has been written; true when none is left.</summary>
    public bool Wrote(int box)
    {
        _written.Add(box);
        return _written.Count == outputs.Length;
    }

    public BucketJob ToBucketJob() => new(Id, Stage, Since, Dummy);
}
