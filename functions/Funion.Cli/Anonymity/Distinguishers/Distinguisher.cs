namespace Funion.Cli.Anonymity.Distinguishers;

/// <summary>Guesses the secret bit of a round.</summary>
/// <param name="name">For people.</param>
abstract class Distinguisher(string name)
{
    public string Name => name;

    public abstract bool Guess(double[] features);

    /// <summary>Part of the rounds that it gets right.</summary>
    public double Accuracy(IReadOnlyCollection<Round> rounds) => rounds.Count(round => Guess(round.Features) == round.Secret) / (double)rounds.Count;
}
