namespace Funion.Cli.Enclaves;

/// <summary>What came of reading or noting a counter.</summary>
enum SeenOutcome
{
    Ok,

    /// <summary>Another process has the folder.</summary>
    Busy,

    /// <summary>Others may read or write the file.</summary>
    TooOpen,

    /// <summary>Not what was written.</summary>
    Damaged,

    /// <summary>The folder cannot be used.</summary>
    Unusable,
}
