namespace Funion.Verification;

/// <summary>What came of reading a file of samples.</summary>
public enum SamplePoolOutcome
{
    /// <summary>The samples are there.</summary>
    Read,

    /// <summary>No such file, or it cannot be read.</summary>
    Missing,

    /// <summary>Larger than <see cref="SamplePool.MostBytes"/>.</summary>
    TooLarge,

    /// <summary>Not a file of samples, or one of another version.</summary>
    NoPool,

    /// <summary>Its sum is not that of its bytes.</summary>
    Damaged,

    /// <summary>It says something that no pool says.</summary>
    Malformed,
}
