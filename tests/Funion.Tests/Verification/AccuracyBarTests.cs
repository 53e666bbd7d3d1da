using Funion.Contracts;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Verification;

namespace Funion.Tests.Verification;

public sealed class AccuracyBarTests
{
    /// <summary>Bars and tails by an independent sum.</summary>
    [Theory]
    [InlineData(100, 0.85, 73, 0.6, 4.6e-3)]
    [InlineData(100, 0.85, 73, 0.75, 0.72)]
    [InlineData(200, 0.85, 153, 0.6, 6e-7)]
    [InlineData(200, 0.85, 153, 0.75, 0.35)]
    [InlineData(200, 0.76, 133, 0.6, 0.035)]
    public void The_bar_passes_the_promised_model_and_what_passes_beside_it_is_the_tail(int samples, double promised, int bar, double other, double passes)
    {
        Assert.Equal(bar, AccuracyBar.For(samples, promised));
        Assert.True(AccuracyBar.Passes(samples, bar, promised) >= 0.999);
        Assert.InRange(AccuracyBar.Passes(samples, bar, other) / passes, 0.93, 1.07);
    }

    [Fact]
    public void A_bar_is_never_more_than_was_asked_and_nothing_asked_asks_nothing()
    {
        Assert.Equal(0, AccuracyBar.For(0, 0.9));
        Assert.Equal(1, AccuracyBar.Passes(0, 0, 0.9));
        foreach (double promised in (double[])[0.01, 0.5, 0.999, 1 - 1e-12])
        {
            Assert.InRange(AccuracyBar.For(50, promised), 0, 50);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => AccuracyBar.For(10, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => AccuracyBar.For(-1, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => AccuracyBar.Passes(10, 1, double.NaN));
    }

    /// <summary>A model that stands in for the digits, right in 60 of 100, against 200 labelled digits; and the digits themselves.</summary>
    [Fact]
    public async Task A_substitute_that_is_right_in_60_of_100_is_caught_with_200_labelled_samples_and_the_promised_model_passes()
    {
        using ModelRunner runner = ModelRunner.Load(DigitModel.File());
        SamplePool pool = DigitSamples.Make(runner, 40, 200);
        VerificationPlan plan = VerificationPlan.For(1, 5);
        SeededRandom random = new(9);
        VerifiedQuestion question = new()
        {
            Plan = plan, Queries = [pool.Certified[^1].Input], Integrity = [.. pool.Certified.Take(plan.Samples).Select(sample => (sample.Input, sample.Output, pool.Tolerance.Slack))], Accuracy = pool.Labelled,
            AccuracyBar = AccuracyBar.For(200, pool.Promised), LabelOf = Labels.Of, Tolerance = pool.Tolerance,
        };
        VerifiedAnswer promised = await MixAndCheck.RunAsync(question, (_, input, _) => Answer(input), default);
        Assert.NotNull(promised.Outputs);
        int before = promised.Correct;
        // Only labelled samples are answered by the substitute, so that nothing but accuracy can tell.
        HashSet<string> labelled = [.. pool.Labelled.Select(sample => Convert.ToHexString(sample.Input.Span))];
        question = question with { Tolerance = pool.Tolerance with { Noise = 0 } };
        VerifiedAnswer caught = await MixAndCheck.RunAsync(question, (_, input, _) => labelled.Contains(Convert.ToHexString(input.Span)) && random.NextDouble() >= 0.6
            ? Task.FromResult<ReadOnlyMemory<byte>?>(TensorCodec.Encode([Tensor.Of("logits", [1, 10], new float[10])]))
            : Answer(input), default);
        Assert.Null(caught.Outputs);
        Assert.InRange(caught.Correct, 90, 160);
        Assert.Equal((200, 0), (caught.Labelled, caught.Evidence[0].Missed));
        Assert.True(before > caught.Correct);
        Assert.True(AccuracyBar.Passes(200, question.AccuracyBar, 0.64) < 1e-6);

        Task<ReadOnlyMemory<byte>?> Answer(ReadOnlyMemory<byte> input) =>
            Task.FromResult<ReadOnlyMemory<byte>?>(TensorCodec.Encode(runner.RunDirect(TensorCodec.TryParse(input)!)));
    }
}
