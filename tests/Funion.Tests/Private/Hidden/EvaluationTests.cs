using FsCheck;
using FsCheck.Fluent;
using Funion.Enclave;
using Funion.Models.Digits;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Hidden;

/// <summary>Whole networks between a cloud and an enclave: the reference's outputs, bit for bit.</summary>
public sealed class EvaluationTests
{
    [Theory]
    [InlineData(true, 24)]
    [InlineData(true, 32)]
    [InlineData(false, 24)]
    [InlineData(false, 32)]
    public void The_digit_model_gives_what_the_reference_gives(bool hidden, int bits)
    {
        FloatNetwork floats = NetworkReader.TryRead(DigitModel.File()).Network!;
        IntegerNetwork network = Calibration.Run(
            floats, Enumerable.Range(0, 8).Select(i => DigitTrainer.HeldOutPicture(i, i)), new Precision(new Modulus(bits)));
        using PlainCloud cloud = new(network, hidden);
        for (int i = 0; i < 6; i++)
        {
            RingTensor input = network.Encode(DigitTrainer.HeldOutPicture(i, 500 + i));
            Assert.Equal(network.Run(input).Elements, cloud.Run(input).Elements);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MiniOnn_gives_what_the_reference_gives(bool hidden)
    {
        FloatNetwork floats = Architectures.MiniOnn(1);
        Random random = new(4);
        float[] Picture() => [.. Enumerable.Range(0, floats.Input.Count).Select(_ => (2 * random.NextSingle()) - 1)];
        IntegerNetwork network = Calibration.Run(floats, Enumerable.Range(0, 2).Select(_ => Picture()), new Precision(new Modulus(32)));
        using PlainCloud cloud = new(network, hidden);
        RingTensor input = network.Encode(Picture());
        Assert.Equal(network.Run(input).Elements, cloud.Run(input).Elements);
    }

    [Fact]
    public void Any_network_of_these_layers_gives_what_the_reference_gives_wrapped_sums_included()
    {
        Random random = new(5);
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            IntegerNetwork network = SmallNetworks.Draw(new Random(seed));
            using PlainCloud cloud = new(network, random.Next(2) == 0);
            using RingTensor input = RingTensor.Uniform(network.Modulus, network.Input);
            Assert.Equal(network.Run(input).Elements, cloud.Run(input).Elements);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Fact]
    public void Non_linear_layers_equal_the_reference_at_every_edge()
    {
        foreach (int bits in (int[])[8, 24, 32])
        {
            Modulus modulus = new(bits);
            long[] edges = [0, 1, -1, modulus.Greatest, -modulus.Greatest - 1, modulus.Greatest - 1, 5, -5, 1 << (bits - 3), -(1 << (bits - 3)), 7, 8];
            TensorShape shape = new(1, 3, 4);
            using RingTensor input = RingTensor.Of(modulus, shape, edges);
            foreach (int truncation in (int[])[0, 1, 3, bits - 2])
            {
                foreach (Window? pool in (Window?[])[null, new Window(2, 2, 2, 2, 1, 1, 1, 1), new Window(3, 1)])
                {
                    foreach (long? cap in (long?[])[null, 1, 6])
                    {
                        foreach (bool rectifies in (bool[])[true, false])
                        {
                            NonlinearLayer layer = new("n", 0, shape, pool, rectifies, truncation, cap);
                            Assert.Equal(layer.Apply([input]).Elements, ExactLayers.Apply(layer, input, null).Elements);
                        }
                    }
                }
            }
        }
    }
}
