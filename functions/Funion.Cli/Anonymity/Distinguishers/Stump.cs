namespace Funion.Cli.Anonymity.Distinguishers;

/// <summary>One feature against a threshold.</summary>
sealed class Stump : Distinguisher
{
    readonly int _feature;
    readonly double _threshold;
    readonly bool _above;

    Stump(int feature, double threshold, bool above, string name)
        : base(name) => (_feature, _threshold, _above) = (feature, threshold, above);

    public override bool Guess(double[] features) => (features[_feature] > _threshold) == _above;

    /// <summary>The best threshold on the training rounds, either way round.</summary>
    public static Stump Train(IReadOnlyList<Round> rounds, int feature, string name)
    {
        (double Value, bool Secret)[] sorted = [.. rounds.Select(round => (round.Features[feature], round.Secret)).Where(pair => !double.IsNaN(pair.Item1))];
        Array.Sort(sorted, (one, other) => one.Value.CompareTo(other.Value));
        int ones = sorted.Count(pair => pair.Secret), below = 0, best = Math.Max(ones, sorted.Length - ones);
        (double Threshold, bool Above) choice = (double.NegativeInfinity, ones * 2 >= sorted.Length);
        for (int i = 0; i < sorted.Length; i++)
        {
            below += sorted[i].Secret ? 1 : 0;
            if (i + 1 < sorted.Length && sorted[i + 1].Value == sorted[i].Value)
            {
                continue;
            }
            // Right when what is above is 1: ones above, zeros at or below.
            int right = ones - below + (i + 1 - below);
            if (Math.Max(right, sorted.Length - right) > best)
            {
                best = Math.Max(right, sorted.Length - right);
                choice = (sorted[i].Value, right * 2 > sorted.Length);
            }
        }
        return new Stump(feature, choice.Threshold, choice.Above, name);
    }
}
