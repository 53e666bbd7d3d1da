namespace Funion.Pigeonhole;

/// <summary>What a courier says of an envelope.</summary>
public enum EnvelopeError : byte
{
    /// <summary>Taken.</summary>
    None = 0,

    /// <summary>Not an envelope.</summary>
    InvalidEnvelope = 1,

    /// <summary>What was remembered of the envelope is damaged.</summary>
    CacheCorruption = 2,

    /// <summary>The replicas cannot be reached.</summary>
    PropagationError = 3,

    /// <summary>The envelope is of another replica epoch.</summary>
    InvalidEpoch = 4,
}
