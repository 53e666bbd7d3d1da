using System.Collections.Concurrent;
using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Private.Networks;
using Funion.Private.Planning;
using Funion.Private.Protocol;
using Funion.Private.Ring;
using Funion.Private.Serving;
using Funion.Tests.Private.Protocol;

namespace Funion.Tests.Private.Planning;

/// <summary>Which activations become quadratic: costs, search, exchange, training, and what is written.</summary>
public sealed class PlanningTests
{
    static readonly LineFit s_line = new(1e-6, 1e-9);

    static readonly FloatNetwork s_digits = NetworkReader.TryRead(DigitModel.File()).Network!;

    /// <summary>Measured somewhere else: what bytes and rounds cost does not hang on it.</summary>
    static CostModel Costs(double bytesPerSecond = 1e6, double roundTrip = 0.1) =>
        new(new KernelTimes(s_line, s_line, s_line, s_line), TransferKind.SoftSpoken, bytesPerSecond, TimeSpan.FromSeconds(roundTrip));

    [Fact]
    public void A_line_is_found_again_and_neither_end_of_it_is_below_zero()
    {
        LineFit exact = LineFit.Of([(10, 25), (100, 205), (1_000, 2_005)]);
        Assert.Equal(5, exact.Fixed, 1e-6);
        Assert.Equal(2, exact.Unit, 1e-9);
        Assert.Equal((3 * 5) + (7 * 2), exact.Seconds(3, 7), 1e-6);
        Random random = new(4);
        // Noise of five per cent on a call of 20 µs and 30 ns each.
        LineFit noisy = LineFit.Of([.. Enumerable.Range(0, 200).Select(i => 100.0 * (i + 1)).Select(n => (n, (20e-6 + (30e-9 * n)) * (0.95 + (0.1 * random.NextDouble()))))]);
        Assert.InRange(noisy.Fixed, 18e-6, 22e-6);
        Assert.InRange(noisy.Unit, 29e-9, 31e-9);
        Assert.Equal(0, LineFit.Of([(1, 1), (2, 5)]).Fixed);
        Assert.Equal(0, LineFit.Of([(1, 5), (2, 1)]).Unit);
        Assert.Throws<ArgumentOutOfRangeException>(() => LineFit.Of([(1, 1)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => LineFit.Of([(1, 1), (2, 0)]));
        Assert.Throws<ArgumentException>(() => LineFit.Of([(2, 1), (2, 3)]));
    }

    /// <summary>Bytes and rounds as the protocol counts them, time as the line says.</summary>
    [Fact]
    public async Task What_a_set_costs_is_what_it_sends()
    {
        ActivationPlanner planner = new(s_digits, PrivateModels.DigitSamples(), Costs());
        foreach (int[] set in (int[][])[[], [1, 2]])
        {
            PlannedSet planned = planner.Count(set)!;
            TwoParties parties = new(planned.Integers);
            RingTensor input = planned.Integers.Encode(TwoParties.Samples[3]);
            (MemoryChannel here, MemoryChannel there) = MemoryChannel.Pair();
            (ProtocolOutcome outcome, _, RingTensor? output) = await parties.TryAskAsync(here, there, input, default);
            Assert.Equal(ProtocolOutcome.Done, outcome);
            Assert.Equal(planned.Integers.Run(input).ToSigned(), output!.ToSigned());
            Traffic offline = here.Traffic(ProtocolPhase.Offline), online = here.Traffic(ProtocolPhase.Online);
            Assert.Equal((offline.Bytes, online.Bytes), (planned.Cost.OfflineBytes, planned.Cost.OnlineBytes));
            Assert.Equal((offline.Rounds, online.Rounds), (planned.Cost.OfflineRounds, planned.Cost.OnlineRounds));
            PlanCost slower = Costs(5e5, 0.3).Of(planned.Integers), without = Costs(double.PositiveInfinity, 0).Of(planned.Integers);
            Assert.Equal((planned.Cost.Bytes / 1e6) + (planned.Cost.Rounds * 0.1) + without.Seconds, planned.Cost.Seconds, 0.2);
            Assert.Equal((planned.Cost.Bytes / 1e6) + (planned.Cost.Rounds * 0.2), slower.Seconds - planned.Cost.Seconds, 0.2);
        }
    }

    [Fact]
    public void Kernels_are_measured_here()
    {
        KernelTimes times = KernelTimes.Measure(TransferKind.SoftSpoken);
        Assert.All((LineFit[])[times.Garbling, times.Evaluation, times.Transfers, times.Pairs], fit => Assert.True(fit.Fixed >= 0 && fit.Unit >= 0 && fit.Fixed + fit.Unit > 0));
        LinearLayer layer = TwoParties.Tiny().Layers.OfType<LinearLayer>().First();
        (double encrypted, double clear) = times.Linear(new Modulus(24), layer);
        Assert.True(encrypted > clear && clear > 0);
        Assert.Equal((encrypted, clear), times.Linear(new Modulus(24), layer));
    }

    /// <summary>With few candidates nothing that another set beats is on the front, and everything else is.</summary>
    [Fact]
    public void All_subsets_of_few_candidates_give_the_whole_front()
    {
        Random random = new(21);
        for (int trial = 0; trial < 20; trial++)
        {
            int count = random.Next(1, 9);
            int[] kept = [.. Enumerable.Range(0, count).Select(_ => random.Next(1, 6) * 100)];
            double[] saving = [.. kept.Select(values => values * (0.5 + random.NextDouble()))];
            IReadOnlyList<Subset> front = new SubsetSearch(kept, saving).Front();
            for (int set = 0; set < 1 << count; set++)
            {
                int exchanged = Enumerable.Range(0, count).Where(i => ((set >> i) & 1) != 0).Sum(i => kept[i]);
                double saved = Enumerable.Range(0, count).Where(i => ((set >> i) & 1) != 0).Sum(i => saving[i]);
                Assert.Contains(front, other => other.Exchanged <= exchanged && other.Saved >= saved - 1e-9);
            }
            Assert.All(front.Zip(front.Skip(1)), pair => Assert.True(pair.First.Exchanged < pair.Second.Exchanged && pair.First.Saved < pair.Second.Saved));
        }
    }

    /// <summary>A beam with moves on more candidates than can be tried out: never beaten by sets drawn by chance, and as good as all subsets where both can be had.</summary>
    [Fact]
    public void A_beam_finds_what_chance_does_not_beat()
    {
        Random random = new(22);
        int[] kept = [.. Enumerable.Range(0, 31).Select(i => i < 11 ? 16_384 : i < 21 ? 8_192 : 4_096)];
        double[] saving = [.. kept.Select(values => values * (0.8 + (0.4 * random.NextDouble())))];
        IReadOnlyList<Subset> front = new SubsetSearch(kept, saving).Front();
        Assert.Equal((0, kept.Sum()), (front[0].Exchanged, front[^1].Exchanged));
        int beaten = 0;
        for (int trial = 0; trial < 5_000; trial++)
        {
            double share = random.NextDouble();
            int[] set = [.. Enumerable.Range(0, 31).Where(_ => random.NextDouble() < share)];
            int exchanged = set.Sum(i => kept[i]);
            double saved = set.Sum(i => saving[i]);
            beaten += front.Any(other => other.Exchanged <= exchanged && other.Saved >= saved - 1e-6) ? 0 : 1;
        }
        Assert.Equal(0, beaten);
        Assert.Equal(31, front[^1].ToList().Count);
    }

    [Fact]
    public void Of_a_long_front_its_ends_and_what_is_wanted_stay()
    {
        Subset[] front = [.. Enumerable.Range(0, 200).Select(i => new Subset((ulong)i, i, i))];
        IReadOnlyList<Subset> thin = SubsetSearch.Thin(front, 14, [front[77], front[78]]);
        Assert.Equal(14, thin.Count);
        Assert.All((Subset[])[front[0], front[77], front[78], front[199]], one => Assert.Contains(one, thin));
        Assert.Equal(thin.OrderBy(set => set.Exchanged), thin);
        Assert.Equal(14, SubsetSearch.Thin(front[..15], 14, []).Count);
        Assert.Equal(3, SubsetSearch.Thin(front[..3], 14, []).Count);
    }

    [Fact]
    public void A_budget_and_a_floor_choose()
    {
        IntegerNetwork any = TwoParties.Tiny();
        FloatNetwork network = s_digits;
        PlannedSet Of(int kept, long bytes, double? accuracy) => new([], kept, 0, new PlanCost(bytes, 0, 3, 4, bytes / 1e6, 0), network, any, accuracy);
        PlannedSet[] sets = [Of(300, 9_000, 0.99), Of(200, 6_000, 0.985), Of(100, 3_000, 0.90), Of(100, 3_500, 0.89)];
        Assert.Same(sets[0], ActivationPlanner.Choose(sets, new PlanBudget()));
        Assert.Same(sets[1], ActivationPlanner.Choose(sets, new PlanBudget(Bytes: 6_000)));
        Assert.Same(sets[2], ActivationPlanner.Choose(sets, new PlanBudget(Seconds: 0.005)));
        Assert.Same(sets[1], ActivationPlanner.Choose(sets, new PlanBudget(Accuracy: 0.98)));
        // As accurate and cheaper goes before what keeps more; with no accuracies what keeps more goes first.
        Assert.Equal(100, ActivationPlanner.Choose([Of(300, 9_000, 0.9), Of(100, 8_000, 0.9)], new PlanBudget())!.Kept);
        Assert.Equal(300, ActivationPlanner.Choose([Of(100, 8_000, null), Of(300, 9_000, null)], new PlanBudget())!.Kept);
        Assert.Null(ActivationPlanner.Choose(sets, new PlanBudget(Bytes: 3_000, Accuracy: 0.95)));
        Assert.Null(ActivationPlanner.Choose(sets, new PlanBudget(Rounds: 6)));
        Assert.Equal(sets[..3], ActivationPlanner.Front(sets, new PlanBudget()));
        Assert.False(new PlanBudget(Accuracy: 0.1).Suffices(null));
    }

    [Fact]
    public void An_exchanged_network_is_the_polynomial_of_the_mean()
    {
        Assert.Equal([1_568, 784, 64], Exchange.Candidates(s_digits).Select(layer => s_digits.Layers[layer].Output.Count));
        FloatNetwork exchanged = Exchange.Apply(s_digits, new HashSet<int> { 0, 2 });
        Assert.Equal((784, 1_632, 1), (exchanged.Activations, exchanged.Quadratics, exchanged.Layers.OfType<FloatAveragePool>().Count()));
        FloatNetwork same = Exchange.Apply(s_digits, new HashSet<int>());
        Assert.Equal(s_digits.Run(TwoParties.Samples[0]), same.Run(TwoParties.Samples[0]));
        float[][] before = s_digits.RunAll(TwoParties.Samples[1]), after = exchanged.RunAll(TwoParties.Samples[1]);
        FloatActivation pool = s_digits.Layers.OfType<FloatActivation>().First();
        float[] mean = FloatNetwork.Forward(new FloatAveragePool("", 0, pool.From, pool.Pool!.Value), [before[pool.Input]]);
        Assert.All(mean.Zip(after[3]), pair => Assert.Equal((0.1997f * pair.First * pair.First) + (0.5002f * pair.First) + 0.1992f, pair.Second, 1e-5f));
        Assert.Throws<ArgumentOutOfRangeException>(() => Exchange.Apply(s_digits, new HashSet<int> { 3 }));
        Assert.Throws<ArgumentException>(() => new ActivationPlanner(Exchange.Apply(s_digits, new HashSet<int> { 0, 1, 2 }), TwoParties.Samples, Costs()));
    }

    /// <summary>The slope of the loss along each weight is what a small step says, in every kind of layer and half-way through an exchange.</summary>
    [Fact]
    public void Gradients_are_those_of_small_steps()
    {
        Random random = new(30);
        NetworkPlan plan = new(new TensorShape(2, 7, 7), random);
        plan.Convolve(3, 3).Rectify().Average(2);
        int before = plan.Value;
        FloatNetwork network = plan.Convolve(3, 3).Square().Convolve(3, 3).AddShortcut(before, 1).Rectify().Convolve(4, 3, 2).Rectify().Connect(3).ToNetwork();
        FloatActivation first = (FloatActivation)network.Layers[1];
        Window pool = Window.Square(3, 1, 1);
        network = network with { Layers = [.. network.Layers.Select((layer, i) => i == 1 ? first with { Pool = pool, Cap = 6 } : layer)] };
        float[] input = [.. Enumerable.Range(0, network.Input.Count).Select(_ => (2 * random.NextSingle()) - 1)];
        NetworkTrainer trainer = new(network, [0, 2]);
        (float[] Weights, float[] Bias)[] gradient = trainer.Zeros(), unused = trainer.Zeros();
        trainer.Learn(input, 1, 0.4f, gradient);
        int looked = 0;
        for (int p = 0; p < network.Layers.Count; p++)
        {
            foreach ((float[] values, float[] slopes) in (((float[], float[])[])[(trainer.Linear(p)?.Weights ?? [], gradient[p].Weights), (trainer.Linear(p)?.Bias ?? [], gradient[p].Bias)]))
            {
                for (int i = 0; i < values.Length; i += 1 + (values.Length / 7))
                {
                    const float Step = 2e-3f;
                    float kept = values[i];
                    values[i] = kept + Step;
                    float above = trainer.Learn(input, 1, 0.4f, unused);
                    values[i] = kept - Step;
                    float below = trainer.Learn(input, 1, 0.4f, unused);
                    values[i] = kept;
                    Assert.Equal((above - below) / (2 * Step), slopes[i], 0.02f + (0.05f * Math.Abs(slopes[i])));
                    looked++;
                }
            }
        }
        Assert.True(looked > 50);
    }

    [Fact]
    public void Training_helps_is_the_same_each_time_and_leaves_the_network_as_it_was()
    {
        float[] weights = [.. s_digits.Layers.OfType<FloatLinear>().First().Weights];
        FloatNetwork Train() => new NetworkTrainer(s_digits, [0, 1]).Run(thread => DigitTrainer.Drawn(5 + thread).GetEnumerator(), 25, 0.01f);
        FloatNetwork trained = Train();
        Assert.Equal(weights, s_digits.Layers.OfType<FloatLinear>().First().Weights);
        Assert.Equal(trained.Layers.OfType<FloatLinear>().SelectMany(layer => layer.Weights), Train().Layers.OfType<FloatLinear>().SelectMany(layer => layer.Weights));
        double before = DigitTrainer.HeldOutAccuracy(picture => Exchange.Apply(s_digits, new HashSet<int> { 0, 1 }).Run(picture), 200);
        double after = DigitTrainer.HeldOutAccuracy(picture => trained.Run(picture), 200);
        Assert.True(after > before + 0.02, $"{before:P1} before, {after:P1} after");
        Assert.Throws<ModelException>(() => new NetworkTrainer(s_digits, [0, 1, 2]).Run(thread => DigitTrainer.Drawn(5 + thread).GetEnumerator(), 3, float.MaxValue));
    }

    /// <summary>What is written is read again, run by ONNX Runtime to the same numbers, and asked by two parties.</summary>
    [Fact]
    public async Task A_written_network_is_read_run_and_asked()
    {
        FloatNetwork exchanged = Exchange.Apply(s_digits, new HashSet<int> { 0, 2 });
        byte[] file = NetworkWriter.ToBytes(exchanged, "image", "logits", picture: true);
        FloatNetwork read = NetworkReader.TryRead(file).Network!;
        Assert.Equal((784, 1_632), (read.Activations, read.Quadratics));
        using ModelRunner runner = ModelRunner.Load(file);
        float[] picture = TwoParties.Samples[4];
        float[] expected = runner.RunDirect([Tensor.Of("image", [1, 1, 28, 28], picture)])[0].ToFloats();
        Assert.All(expected.Zip(exchanged.Run(picture)).Zip(read.Run(picture)), three => Assert.True(Math.Abs(three.First.First - three.First.Second) < 1e-3f && Math.Abs(three.First.First - three.Second) < 1e-3f));
        TwoParties parties = new(PrivateModels.Calibrate(read, TwoParties.Samples));
        RingTensor input = parties.Network.Encode(picture);
        Assert.Equal(parties.Network.Run(input).ToSigned(), (await parties.AskAsync(input)).ToSigned());
    }

    [Fact]
    public void Every_kind_of_layer_is_written()
    {
        NetworkPlan plan = new(new TensorShape(2, 9, 9), new Random(31));
        plan.Convolve(3, 3, 2).Rectify().Average(2);
        int before = plan.Value;
        FloatNetwork network = plan.Convolve(4, 3).Square().AddShortcut(before, 1).Rectify().Convolve(2, 1).Square().Connect(3).Square().ToNetwork();
        FloatActivation first = (FloatActivation)network.Layers[1];
        network = network with { Layers = [.. network.Layers.Select((layer, i) => i == 1 ? first with { Pool = Window.Square(3, 1, 1), Cap = 0.5f } : layer)] };
        byte[] file = NetworkWriter.ToBytes(network, "x", "y", picture: true);
        NetworkReading reading = NetworkReader.TryRead(file);
        Assert.True(reading.Network is not null, reading.ToString());
        Random random = new(32);
        float[] input = [.. Enumerable.Range(0, network.Input.Count).Select(_ => (2 * random.NextSingle()) - 1)];
        using ModelRunner runner = ModelRunner.Load(file);
        float[] expected = network.Run(input), actual = runner.RunDirect([Tensor.Of("x", [1, 2, 9, 9], input)])[0].ToFloats();
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
        Assert.All(expected.Zip(reading.Network!.Run(input)), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
    }
}
