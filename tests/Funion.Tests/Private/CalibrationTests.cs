using Funion.Models;
using Funion.Models.Digits;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private;

/// <summary>From floats to integers: exact in what they mean, and close to the model.</summary>
public sealed class CalibrationTests
{
    static readonly FloatNetwork s_digits = NetworkReader.TryRead(DigitModel.File()).Network!;

    static readonly float[][] s_samples = [.. Enumerable.Range(0, 30).Select(i => DigitTrainer.HeldOutPicture(i % 10, 900 + i))];

    [Theory]
    [InlineData(20)]
    [InlineData(24)]
    [InlineData(32)]
    public void The_digit_model_in_integers_is_as_right_as_in_floats(int bits)
    {
        IntegerNetwork network = Calibration.Run(s_digits, s_samples, new Precision(new Modulus(bits)), out IReadOnlyList<LayerRange> ranges);
        Assert.Equal(8, ranges.Count);
        Assert.All(ranges, range => Assert.True(range.Headroom >= 2, range.ToString()));
        using ModelRunner model = ModelRunner.Load(DigitModel.File());
        Accuracy accuracy = Accuracy.Measure(model, network, Enumerable.Range(0, 250).Select(i => (DigitTrainer.HeldOutPicture(i % 10, 5_000 + i), i % 10)));
        Assert.True(accuracy.IntegerRight >= 0.97 && accuracy.IntegerRight >= accuracy.FloatRight - 0.005, accuracy.ToString());
        Assert.True(accuracy.Agree >= 0.99 && accuracy.LargestError < 0.05, accuracy.ToString());
    }

    [Fact]
    public void Any_network_in_integers_is_close_to_itself_in_floats()
    {
        RandomModels models = new(14);
        Random random = new(15);
        int alive = 0;
        for (int trial = 0; trial < 60; trial++)
        {
            (byte[] file, TensorShape shape) = models.Next();
            FloatNetwork network = NetworkReader.TryRead(file).Network!;
            float[][] inputs = [.. Enumerable.Range(0, 12).Select(_ => Enumerable.Range(0, shape.Count).Select(_ => (2 * random.NextSingle()) - 1).ToArray())];
            float[][][] values = [.. inputs.Select(input => network.RunAll(input))];
            if (Enumerable.Range(0, values[0].Length).Any(i => values.All(all => all[i].All(value => value == 0))))
            {
                // Nothing comes through a ReLU of this one, and calibration says so.
                continue;
            }
            alive++;
            // More bits than anybody needs: what is left is a fault.
            IntegerNetwork integers = Calibration.Run(network, inputs, new Precision(new Modulus(62), ActivationBits: 18, WeightBits: 16));
            foreach (float[] input in inputs)
            {
                float[] expected = network.Run(input), actual = integers.Run(input);
                float tolerance = 2e-3f * Math.Max(0.1f, expected.Max(Math.Abs));
                Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
            }
        }
        Assert.True(alive > 40, $"{alive} networks");
    }

    [Fact]
    public void A_wider_ring_changes_no_bit_of_a_network_that_fits()
    {
        IntegerNetwork narrow = Calibration.Run(s_digits, s_samples, Precision.Calibrated), wide = narrow with { Modulus = Precision.Wide.Modulus };
        for (int i = 0; i < 100; i++)
        {
            float[] picture = DigitTrainer.HeldOutPicture(i % 10, 7_000 + i);
            Assert.Equal(wide.Run(wide.Encode(picture)).ToSigned(), narrow.Run(narrow.Encode(picture)).ToSigned());
        }
    }

    [Fact]
    public void Two_parties_with_shares_compute_the_reference_bit_for_bit()
    {
        foreach (Precision precision in (Precision[])[Precision.Calibrated, Precision.Wide])
        {
            IntegerNetwork network = Calibration.Run(s_digits, s_samples, precision);
            TwoPartyModel parties = new(network, seed: 16);
            for (int i = 0; i < 3; i++)
            {
                RingTensor input = network.Encode(DigitTrainer.HeldOutPicture(i, 8_000 + i));
                Assert.Equal(network.Run(input).Elements, parties.Run(input).Elements);
            }
            // Inputs that no calibration saw wrap around, and still alike.
            RingTensor strange = RingTensor.Uniform(network.Modulus, network.Input);
            Assert.Equal(network.Run(strange).Elements, parties.Run(strange).Elements);
        }
    }

    [Fact]
    public void Non_linear_layers_have_the_semantics_they_state()
    {
        Modulus modulus = new(16);
        TensorShape shape = new(1, 2, 4);
        RingTensor input = RingTensor.Of(modulus, shape, [-9, -8, -7, 7, 8, 24, 25, 400]);
        Assert.Equal([-1, 0, 0, 0, 1, 2, 2, 25], new NonlinearLayer("", 0, shape, null, Rectifies: false, 4, null).Apply([input]).ToSigned());
        Assert.Equal([0, 0, 0, 0, 1, 2, 2, 20], new NonlinearLayer("", 0, shape, null, Rectifies: true, 4, 20).Apply([input]).ToSigned());
        NonlinearLayer pool = new("", 0, shape, Window.Square(2, 2), Rectifies: true, 0, null);
        Assert.Equal([24, 400], pool.Apply([input]).ToSigned());
        Assert.Equal([2, 3, 6, 7], [.. Indices(pool, 1)]);
        // Padding has no value at all: a window of negative numbers has a negative maximum.
        NonlinearLayer padded = new("", 0, new TensorShape(1, 1, 1), Window.Square(2, 1, 1), Rectifies: false, 0, null);
        Assert.Equal([-5, -5, -5, -5], padded.Apply([RingTensor.Of(modulus, new TensorShape(1, 1, 1), [-5])]).ToSigned());
        Assert.Equal([-9 - 8 + 8 + 24, -7 + 7 + 25 + 400], new SumPoolLayer("", 0, shape, Window.Square(2, 2)).Apply([input]).ToSigned());
        Assert.Equal([-9 * 6, -8 * 6], new AddLayer("", 0, 0, shape, 1, 2).Apply([input, input]).ToSigned().Take(2));
    }

    [Fact]
    public void Published_architectures_have_the_activations_of_the_papers()
    {
        FloatNetwork miniOnn = Architectures.MiniOnn(1), resNet = Architectures.ResNet32(1), chain = Architectures.ResNet32(1, shortcuts: false);
        Assert.Equal((173_056, 303_104, 303_104), (miniOnn.Activations, resNet.Activations, chain.Activations));
        Assert.Equal([65_536, 65_536, 16_384, 16_384, 4_096, 4_096, 1_024], miniOnn.Layers.OfType<FloatActivation>().Select(layer => layer.Output.Count));
        Assert.Equal((32, 34, 15), (chain.Layers.OfType<FloatLinear>().Count(), resNet.Layers.OfType<FloatLinear>().Count(), resNet.Layers.OfType<FloatAdd>().Count()));
        Assert.Equal((10, 100), (miniOnn.Layers[^1].Output.Count, resNet.Layers[^1].Output.Count));
        Assert.Equal(Weights(miniOnn), Weights(Architectures.MiniOnn(1)));
        Assert.NotEqual(Weights(miniOnn), Weights(Architectures.MiniOnn(2)));
        Random random = new(17);
        float[][] inputs = [.. Enumerable.Range(0, 2).Select(_ => Enumerable.Range(0, 3_072).Select(_ => random.NextSingle()).ToArray())];
        foreach (FloatNetwork network in (FloatNetwork[])[miniOnn, resNet, chain])
        {
            IntegerNetwork integers = Calibration.Run(network, inputs, Precision.Calibrated);
            float[] expected = network.Run(inputs[0]), actual = integers.Run(inputs[0]);
            Assert.True(expected.Zip(actual, (x, y) => Math.Abs(x - y)).Max() < 0.1 * expected.Max(Math.Abs));
        }
    }

    [Fact]
    public void A_cap_that_can_never_bind_is_none_and_one_below_a_unit_is_refused()
    {
        TensorShape shape = new(1, 1, 1);
        FloatNetwork Capped(float weight, float cap) => new(shape,
        [
            new FloatLinear("sum", 0, ConvolutionShape.FullyConnected(1, 1), [weight], [0]), new FloatActivation("relu6", 1, shape, null, Rectifies: true, cap),
        ]);
        NonlinearLayer Last(FloatNetwork network) => (NonlinearLayer)Calibration.Run(network, [[1f]], Precision.Calibrated).Layers[^1];
        Assert.Null(Last(Capped(0.001f, 6)).Cap);
        NonlinearLayer binding = Last(Capped(7, 6));
        Assert.InRange(binding.Cap!.Value, 1, (1L << (24 - 1 - binding.Truncation)) - 1);
        Assert.Throws<ModelException>(() => Last(Capped(1e7f, 1e-3f)));
    }

    [Fact]
    public void Averages_of_averages_that_leave_too_large_a_divisor_are_refused()
    {
        TensorShape from = new(1, 21, 21);
        List<FloatLayer> layers = [];
        for (int i = 0; i < 10; i++)
        {
            layers.Add(new FloatAveragePool($"pool{i}", i, from, Window.Square(3)));
            from = layers[^1].Output;
        }
        float[] ones = [.. Enumerable.Repeat(1f, 441)];
        Precision precision = new(new Modulus(62), ActivationBits: 18, WeightBits: 16);
        ModelException error = Assert.Throws<ModelException>(() => Calibration.Run(new FloatNetwork(new TensorShape(1, 21, 21), layers), [ones], precision));
        Assert.Contains("'pool9'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_refused()
    {
        FloatNetwork network = new(new TensorShape(2, 1, 1), [new FloatLinear("sum", 0, ConvolutionShape.FullyConnected(2, 1), [1, 1], [float.NegativeInfinity])]);
        Assert.Throws<ModelException>(() => Calibration.Run(network, [[1, 1]], Precision.Calibrated));
    }

    [Fact]
    public void A_client_is_told_no_weight()
    {
        IntegerNetwork network = Calibration.Run(s_digits, s_samples, Precision.Calibrated), told = network.WithoutWeights();
        Assert.All(told.Layers.OfType<LinearLayer>(), layer => Assert.True(layer is { Weights: null, Bias: null }));
        Assert.Throws<InvalidOperationException>(() => told.Run(network.Encode(s_samples[0])));
        Assert.Equal(network.Layers.Select(layer => (layer.Name, layer.Output)), told.Layers.Select(layer => (layer.Name, layer.Output)));
    }

    [Fact]
    public void What_does_not_fit_is_said_and_names_the_layer()
    {
        Assert.Throws<ModelException>(() => Calibration.Run(s_digits, [new float[784]], Precision.Calibrated));
        Assert.Throws<ModelException>(() => Calibration.Run(s_digits, [], Precision.Calibrated));
        ModelException error = Assert.Throws<ModelException>(() => Calibration.Run(s_digits, s_samples, new Precision(new Modulus(13), 8, 3, 0)));
        Assert.Contains("do not fit into 13 bits", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.Run(s_digits, s_samples, new Precision(new Modulus(18))));
        Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.Run(s_digits, [new float[783]], Precision.Calibrated));
    }

    [Fact]
    public void What_a_programmer_gets_wrong_is_an_exception()
    {
        IntegerNetwork network = Calibration.Run(s_digits, s_samples, Precision.Calibrated);
        TensorShape shape = new(1, 2, 2);
        using RingTensor small = new(network.Modulus, shape), wide = new(new Modulus(32), network.Input);
        Assert.Throws<ArgumentOutOfRangeException>(() => s_digits.Run(new float[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Encode(new float[783]));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Run(small));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Run(wide));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Layers[1].Apply([small]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SumPoolLayer("", 0, network.Input, Window.Square(2, 2)).Apply([small]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NonlinearLayer("", 0, shape, null, Rectifies: true, 0, null).Sources(4));
        using ModelRunner model = ModelRunner.Load(DigitModel.File());
        Assert.Throws<ArgumentOutOfRangeException>(() => Accuracy.Measure(model, network, []));
        Assert.Throws<InvalidOperationException>(() => network.WithoutWeights().Layers.OfType<LinearLayer>().First().AddBias(small));
    }

    [Fact]
    public void Strange_inputs_are_encoded_all_the_same()
    {
        IntegerNetwork network = Calibration.Run(s_digits, s_samples, Precision.Calibrated);
        float[] picture = new float[784];
        (picture[0], picture[1], picture[2]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
        long[] values = network.Encode(picture).ToSigned();
        Assert.Equal((0L, 4_194_303L, -4_194_303L), (values[0], values[1], values[2]));
    }

    static float[] Weights(FloatNetwork network) => [.. network.Layers.OfType<FloatLinear>().SelectMany(layer => layer.Weights)];

    static List<int> Indices(NonlinearLayer layer, int output)
    {
        List<int> indices = [];
        foreach (int source in layer.Sources(output))
        {
            indices.Add(source);
        }
        return indices;
    }
}
