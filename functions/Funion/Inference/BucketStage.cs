namespace Funion.Inference;

/// <summary>How far a job has come.</summary>
public enum BucketStage
{
    /// <summary>Its input is being fetched.</summary>
    Fetching,

    /// <summary>Its input is complete; it starts at a boundary.</summary>
    Complete,

    /// <summary>It started at a boundary and runs.</summary>
    Running,

    /// <summary>Its output is sealed and waits for the next boundary.</summary>
    Sealed,

    /// <summary>Its output boxes are in compute's slots.</summary>
    Released,
}
