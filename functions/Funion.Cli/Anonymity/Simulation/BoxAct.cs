namespace Funion.Cli.Anonymity.Simulation;

/// <summary>What a box operation is, under the seal: replicas see it, couriers do not.</summary>
enum BoxAct
{
    /// <summary>Reads.</summary>
    Read,

    /// <summary>Writes.</summary>
    Write,

    /// <summary>Writes a tombstone.</summary>
    Delete,
}
