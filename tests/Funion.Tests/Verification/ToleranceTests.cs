using Funion.Contracts;
using Funion.Inference;
using Funion.Verification;

namespace Funion.Tests.Verification;

public sealed class ToleranceTests
{
    [Fact]
    public void Noise_moves_every_element_by_as_much_as_is_stated_at_most_and_never_the_same()
    {
        ReadOnlyMemory<byte> input = Pools.Input(0, 0.5f, 1, -3);
        Tolerance tolerance = new(0.25, 1);
        SeededRandom random = new(6);
        double furthest = 0;
        for (int i = 0; i < 200; i++)
        {
            ReadOnlyMemory<byte> moved = tolerance.Disguise(input, random);
            Assert.Equal(input.Length, moved.Length);
            float[] values = TensorCodec.TryParse(moved)![0].ToFloats();
            float[] away = [.. values.Zip((float[])[0, 0.5f, 1, -3], (a, b) => Math.Abs(a - b))];
            Assert.All(away, by => Assert.InRange(by, 0, 0.2500001f));
            furthest = Math.Max(furthest, away.Max());
            Assert.False(moved.Span.SequenceEqual(tolerance.Disguise(input, random).Span));
        }
        Assert.InRange(furthest, 0.2, 0.2500001);
        Assert.True(default(Tolerance).Disguise(input, random).Span.SequenceEqual(input.Span));
    }

    [Fact]
    public void Answers_match_within_the_slack_and_copies_within_twice_that()
    {
        Tolerance tolerance = new(0.1, 0.5);
        Assert.True(tolerance.Matches(Pools.Input(1, 2), Pools.Input(1.5f, 1.5f)));
        Assert.False(tolerance.Matches(Pools.Input(1, 2), Pools.Input(1.5f, 1.25f)));
        Assert.True(tolerance.Agree(Pools.Input(1, 2), Pools.Input(2, 1)));
        Assert.False(tolerance.Agree(Pools.Input(1, 2), Pools.Input(2.25f, 1)));
        foreach (float odd in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            Assert.False(tolerance.Agree(Pools.Input(1, 2), Pools.Input(1, odd)));
            Assert.False(tolerance.Agree(Pools.Input(1, odd), Pools.Input(1, odd)));
        }
        Assert.False(tolerance.Agree(Pools.Input(1, 2), Pools.Input(1, 2, 3)));
        Assert.False(tolerance.Agree(Pools.Input(1, 2), Pools.Output(0.5f, 1)));
        Assert.False(tolerance.Agree(Pools.Input(1, 2), new byte[] { 1, 2 }));
        // Exact arithmetic: bit for bit, whatever the bits are.
        Assert.True(default(Tolerance).Agree(new byte[] { 1 }, new byte[] { 1 }));
        Assert.False(default(Tolerance).Agree(Pools.Input(0), Pools.Input(-0f)));
    }

    [Fact]
    public void The_middle_of_copies_is_their_median_within_the_slack_of_each()
    {
        Tolerance tolerance = new(0.1, 0.5);
        Assert.Equal([2, 5], Middle((1.75f, 5), (2, 4.75f), (2.25f, 5.25f)));
        Assert.Equal([2, 5], Middle((1.75f, 4.75f), (2.25f, 5.25f)));
        // One honest copy, others as far from it as goes unnoticed: the median would be 1 from it, and 1.5 from what is right.
        Assert.Equal([1.5f, 0], Middle((1, 0), (2, 0), (2, 0)));
        Assert.Equal([1.5f, 0], Middle((2, 0), (1, 0), (2, 0), (2, 0)));
        Assert.Equal(new byte[] { 1 }, default(Tolerance).Middle([new byte[] { 1 }, new byte[] { 1 }]).ToArray());

        float[] Middle(params (float, float)[] copies) =>
            TensorCodec.TryParse(tolerance.Middle([.. copies.Select(copy => Pools.Input(copy.Item1, copy.Item2))]))![0].ToFloats();
    }

    /// <summary>Whatever copies a server changes, as long as one is the model's own and none is noticed: the answer is within what is said.</summary>
    [Fact]
    public void The_middle_is_never_further_from_the_models_own_answer_than_is_said()
    {
        SeededRandom random = new(11);
        Tolerance tolerance = new(0, 0.25);
        double furthest = 0;
        for (int trial = 0; trial < 20_000; trial++)
        {
            // The model's own answer is 0, the first copy honest under noise.
            float[] copies = [.. Enumerable.Range(0, 2 + random.Below(5)).Select(i => (float)(((2 * random.NextDouble()) - 1) * (i == 0 ? 0.25 : 0.75)))];
            ReadOnlyMemory<byte>[] answers = [.. copies.Select(value => Pools.Input(value))];
            if (answers.All(one => answers.All(other => tolerance.Agree(one, other))))
            {
                furthest = Math.Max(furthest, Math.Abs(TensorCodec.TryParse(tolerance.Middle(answers))![0].ToFloats()[0]));
            }
        }
        Assert.InRange(furthest, 0.4, tolerance.MostError + 1e-6);
    }

    [Fact]
    public void Misuse_throws()
    {
        Assert.Throws<ArgumentException>(() => new Tolerance(1, 1).Disguise(new byte[] { 9 }, new SeededRandom(1)));
        Assert.Throws<ArgumentException>(() => new Tolerance(1, 1).Middle([]));
        Assert.Throws<ArgumentException>(() => new Tolerance(1, 1).Middle([Pools.Input(0), Pools.Input(3)]));
    }
}
