namespace Funion.Cli.Anonymity.Distinguishers;

/// <summary>The adversary's choice: every distinguisher is fitted on two thirds of the training rounds, the best on the last third is fitted again on all of them.</summary>
static class Family
{
    public static Distinguisher Choose(IReadOnlyList<Round> training)
    {
        Round[] fit = [.. training.Where((_, i) => i % 3 != 2)], judge = [.. training.Where((_, i) => i % 3 == 2)];
        Func<IReadOnlyList<Round>, Distinguisher> best = Trainers(training[0].Features.Length).MaxBy(train => train(fit).Accuracy(judge))!;
        return best(training);
    }

    static IEnumerable<Func<IReadOnlyList<Round>, Distinguisher>> Trainers(int width)
    {
        yield return rounds => new Logistic(rounds, squares: false);
        yield return rounds => new Logistic(rounds, squares: true);
        yield return rounds => new GaussianLikelihood(rounds);
        for (int i = 0; i < width; i++)
        {
            int feature = i;
            yield return rounds => Stump.Train(rounds, feature, $"threshold on feature {feature}");
        }
    }
}
