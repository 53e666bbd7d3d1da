namespace Funion.Cli.Anonymity.Games;

/// <summary>The people of one lane, who play round after round.</summary>
abstract class Lane
{
    /// <summary>Plays a round with this secret bit and gives the adversary's features; null when it is not to be counted, for a reason that everybody sees.</summary>
    public abstract Task<double[]?> PlayAsync(bool secret);

    /// <summary>Since when what was seen is still needed, in seconds.</summary>
    public double Since { get; protected set; }
}
