namespace Funion.Cli.Anonymity.Simulation;

/// <summary>What somebody who watches a node's storage account sees being done, without seeing names or values.</summary>
enum StoreOperation
{
    /// <summary>Something is looked up.</summary>
    Get,

    /// <summary>Something is stored or replaced.</summary>
    Put,

    /// <summary>Something is deleted.</summary>
    Delete,
}
