namespace Funion.Mixing;

/// <summary>What a loss of loops means.</summary>
public enum LossVerdict
{
    /// <summary>Too few loops to say anything.</summary>
    Unknown,

    /// <summary>None lost.</summary>
    None,

    /// <summary>No more than restarts and late hops explain.</summary>
    Noise,

    /// <summary>Somebody drops, marks or holds back packets, or a node cannot keep up.</summary>
    Attack,
}
