using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Funion.Enclave;
using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Hidden;

/// <summary>Encrypted weights times encrypted inputs: exact, of the sizes they say, and nothing but that product is taken.</summary>
public sealed class HiddenLayerTests
{
    [Fact]
    public void Any_layer_is_exact()
    {
        Random random = new(6);
        Prop.ForAll(Layers.Small.ToArbitrary(), shape =>
        {
            HiddenLayout layout = new(new HiddenParameters(new Modulus(random.Next(8, 33))), shape);
            Run(layout, Layers.Weights(shape, random));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Theory]
    [InlineData(64, 16, 8, 3, 1, 1, 24)]
    [InlineData(64, 8, 64, 3, 1, 1, 32)]
    [InlineData(16, 32, 4, 3, 2, 1, 32)]
    [InlineData(2, 130, 2, 5, 1, 2, 24)]
    [InlineData(70_000, 1, 2, 1, 1, 0, 32)]
    public void Large_layers_with_all_weights_at_their_bound_are_exact(int channels, int side, int filters, int kernel, int stride, int padding, int bits)
    {
        ConvolutionShape shape = new(new TensorShape(channels, side, side), filters, Window.Square(kernel, stride, padding));
        HiddenLayout layout = new(new HiddenParameters(new Modulus(bits)), shape);
        Run(layout, [.. Enumerable.Repeat(-127, shape.WeightCount)]);
    }

    [Fact]
    public void Several_inputs_at_once_give_what_each_gives_alone_on_any_number_of_threads()
    {
        Random random = new(7);
        ConvolutionShape shape = new(new TensorShape(3, 12, 12), 5, Window.Square(3, padding: 1));
        HiddenLayout layout = new(new HiddenParameters(new Modulus(24)), shape);
        using Party party = new(layout, Layers.Weights(shape, random));
        RingTensor[] inputs = [.. Enumerable.Range(0, 3).Select(_ => RingTensor.Uniform(layout.Parameters.Plain, shape.Input))];
        byte[][] requests = [.. inputs.Select(_ => new byte[layout.RequestSize])];
        AnswerCheck[] checks = [.. inputs.Select((input, i) => party.Ask(input, requests[i]))];
        byte[][] together = party.Answer(requests, threads: 2);
        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(together[i], party.Answer([requests[i]], threads: 1)[0]);
            Assert.Equal(party.Expected(inputs[i]), party.Key.TryDecrypt(layout, party.Question, together[i], checks[i])!.Elements.ToArray());
        }
    }

    [Fact]
    public void An_answer_that_is_not_the_product_is_refused_wherever_it_differs()
    {
        Random random = new(8);
        ConvolutionShape shape = new(new TensorShape(2, 40, 40), 3, Window.Square(3, padding: 1));
        HiddenLayout layout = new(new HiddenParameters(new Modulus(24)), shape);
        Assert.True(layout.Answers > 1 && layout.Tiles > 0);
        using Party party = new(layout, Layers.Weights(shape, random));
        using RingTensor input = RingTensor.Uniform(layout.Parameters.Plain, shape.Input);
        byte[] request = new byte[layout.RequestSize];
        for (int round = 0; round < 24; round++)
        {
            using AnswerCheck check = party.Ask(input, request);
            byte[] answer = party.Answer([request])[0];
            answer[(random.Next(answer.Length / 6) * 6) + random.Next(5)] ^= (byte)(1 << random.Next(8));
            Assert.Null(party.Key.TryDecrypt(layout, party.Question, answer, check));
        }
        // What is added to the part of one secret is taken off that of the other: with one point for both it would not show.
        foreach ((int from, int to) in ((int, int)[])[(1, 2), (0, 3), (2, 3)])
        {
            using AnswerCheck check = party.Ask(input, request);
            byte[] answer = party.Answer([request])[0];
            int size = layout.Parameters.PolynomialSize;
            double[] more = new double[layout.Parameters.Ring.Length], less = new double[more.Length];
            Assert.True(layout.Parameters.Ring.TryRead(answer.AsSpan(from * size, size), more) && layout.Parameters.Ring.TryRead(answer.AsSpan(to * size, size), less));
            (more[77], less[77]) = (PrimeField.First.Element(new BigInteger(more[77]) + 5), PrimeField.First.Element(new BigInteger(less[77]) - 5));
            layout.Parameters.Ring.Write(more, answer.AsSpan(from * size, size));
            layout.Parameters.Ring.Write(less, answer.AsSpan(to * size, size));
            Assert.Null(party.Key.TryDecrypt(layout, party.Question, answer, check));
        }
        // Weights in place of an answer: what would hand them to whoever the answer is for.
        byte[] theft = new byte[layout.AnswerSize];
        party.Weights[0].CopyTo(theft, 0);
        using AnswerCheck other = party.Ask(input, request);
        Assert.Null(party.Key.TryDecrypt(layout, party.Question, theft, other));
        // The answer to an earlier request, though of the same input.
        byte[] stale = party.Answer([request])[0];
        using AnswerCheck fresh = party.Ask(input, request);
        Assert.Null(party.Key.TryDecrypt(layout, party.Question, stale, fresh));
        Assert.Null(party.Key.TryDecrypt(layout, party.Question, stale.AsSpan(1), fresh));
    }

    [Fact]
    public void Two_encryptions_of_one_thing_have_nothing_in_common()
    {
        ConvolutionShape shape = ConvolutionShape.FullyConnected(10, 2);
        HiddenLayout layout = new(new HiddenParameters(new Modulus(24)), shape);
        using Party party = new(layout, new int[shape.WeightCount]);
        using RingTensor input = new(layout.Parameters.Plain, shape.Input);
        byte[] one = new byte[layout.RequestSize], other = new byte[layout.RequestSize];
        party.Ask(input, one).Dispose();
        party.Ask(input, other).Dispose();
        int equal = one.Zip(other).Count(pair => pair.First == pair.Second);
        Assert.InRange(equal, one.Length / 512, one.Length / 128);
        byte[][] weights = [.. Enumerable.Range(0, 2).Select(_ => party.EncryptWeights(new int[shape.WeightCount])[0])];
        Assert.InRange(weights[0].Zip(weights[1]).Count(pair => pair.First == pair.Second), weights[0].Length / 512, weights[0].Length / 128);
    }

    [Fact]
    public void The_noise_that_a_layer_may_have_fits_the_budget_or_the_layer_is_refused()
    {
        HiddenParameters parameters = new(new Modulus(32));
        HiddenLayout layout = new(parameters, ConvolutionShape.FullyConnected(20_000, 1));
        Assert.True(layout.NoiseBound < HiddenParameters.NoiseBudget);
        Assert.True(parameters.NoiseBound(1 << 14, 0) > HiddenParameters.NoiseBudget);
        Assert.Throws<ArgumentException>(() => new HiddenLayout(parameters, ConvolutionShape.FullyConnected(80_000_000, 1)));
    }

    [Theory]
    [InlineData(64, 16, 8, 3, 32)]
    [InlineData(2, 20, 4, 5, 24)]
    [InlineData(512, 1, 16, 1, 32)]
    public void The_noise_of_every_coefficient_stays_below_the_bound_and_is_not_much_below_what_it_says_of_its_deviation(int channels, int side, int filters, int kernel, int bits)
    {
        ConvolutionShape shape = new(new TensorShape(channels, side, side), filters, Window.Square(kernel));
        HiddenLayout layout = new(new HiddenParameters(new Modulus(bits)), shape);
        double worst = 0, squares = 0;
        long count = 0;
        for (int round = 0; round < 2; round++)
        {
            // Keys of their own each time; weights and inputs as large as they may be.
            using Party party = new(layout, [.. Enumerable.Repeat(round == 0 ? 127 : -127, shape.WeightCount)]);
            using RingTensor input = RingTensor.Of(layout.Parameters.Plain, shape.Input, [.. Enumerable.Repeat(-(1L << (bits - 1)), shape.Input.Count)]);
            byte[] request = new byte[layout.RequestSize];
            using AnswerCheck check = party.Ask(input, request);
            foreach (double c in Phases(party, layout, party.Answer([request])[0]))
            {
                worst = Math.Max(worst, Math.Abs(c));
                squares += c * c;
                count++;
            }
        }
        Assert.True(count >= 2 * HiddenLayerSamples);
        Assert.True(worst < layout.NoiseBound, $"{worst:g3} reaches {layout.NoiseBound:g3}.");
        // The bound is no wild guess: what 9.5 deviations and two of 9.5 for the secrets leave open is a factor of some hundreds.
        Assert.InRange(Math.Sqrt(squares / count), layout.NoiseBound / 20_000, layout.NoiseBound / 9.5);
    }

    const long HiddenLayerSamples = 4_096;

    /// <summary>Every coefficient of every answer before it is cut to a message: what must stay below q/2.</summary>
    static IEnumerable<double> Phases(Party party, HiddenLayout layout, byte[] answer)
    {
        ResidueRing ring = layout.Parameters.Ring;
        BigInteger first = PrimeField.First.Prime, second = PrimeField.Second.Prime;
        BigInteger inverse = BigInteger.ModPow(first, second - 2, second), modulus = first * second;
        double[] parts = new double[HiddenLayout.Components * ring.Length];
        for (int i = 0; i < layout.Answers; i++)
        {
            for (int component = 0; component < HiddenLayout.Components; component++)
            {
                Assert.True(ring.TryRead(
                    answer.AsSpan((i * layout.AnswerPartSize) + (component * ring.ByteSize), ring.ByteSize), parts.AsSpan(component * ring.Length, ring.Length)));
            }
            party.Key.Open(party.Question, parts);
            for (int j = 0; j < ring.Degree; j++)
            {
                BigInteger low = (long)parts[j], high = (long)parts[ring.Degree + j];
                BigInteger phase = low + (first * (((((high - low) * inverse) % second) + second) % second));
                yield return (double)(phase > modulus / 2 ? phase - modulus : phase);
            }
        }
    }

    [Fact]
    public void What_is_misused_throws_and_what_is_hostile_is_an_outcome()
    {
        HiddenParameters parameters = new(new Modulus(24));
        ConvolutionShape shape = ConvolutionShape.FullyConnected(4, 2);
        HiddenLayout layout = new(parameters, shape, weightBound: 7);
        using ModelKey key = new(parameters, new byte[32]);
        byte[] bytes = key.PublicKey();
        Assert.Equal(LatticeOutcome.Ok, HiddenPublicKey.TryRead(parameters, bytes, out HiddenPublicKey? theirs));
        Assert.Equal(LatticeOutcome.WrongLength, HiddenPublicKey.TryRead(parameters, bytes.AsSpan(1), out _));
        bytes.AsSpan(32, 6).Fill(0xff);
        Assert.Equal(LatticeOutcome.NotCanonical, HiddenPublicKey.TryRead(parameters, bytes, out _));
        Assert.Throws<ArgumentException>(() => theirs!.Encrypt(layout, [8, 0, 0, 0, 0, 0, 0, 0], _ => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => theirs!.Encrypt(layout, [1], _ => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HiddenParameters(new Modulus(33)));
        HiddenLayer layer = new(layout);
        Assert.Throws<InvalidOperationException>(() => layer.TryEvaluate([], []));
        Assert.Equal(LatticeOutcome.WrongLength, layer.Add(new byte[layout.WeightSize - 1]));
        Assert.Equal(LatticeOutcome.NotCanonical, layer.Add([.. Enumerable.Repeat((byte)0xff, layout.WeightSize)]));
        theirs!.Encrypt(layout, new int[8], ciphertext => Assert.Equal(LatticeOutcome.Ok, layer.Add(ciphertext)));
        Assert.Equal(LatticeOutcome.WrongLength, layer.Add(new byte[layout.WeightSize]));
        byte[] answer = new byte[layout.AnswerSize];
        Assert.Equal(LatticeOutcome.WrongLength, layer.TryEvaluate([new byte[3]], [answer]));
        Assert.Equal(LatticeOutcome.NotCanonical, layer.TryEvaluate([[.. Enumerable.Repeat((byte)0xff, layout.RequestSize)]], [answer]));
        Assert.Throws<ArgumentOutOfRangeException>(() => layer.TryEvaluate([new byte[layout.RequestSize]], [new byte[1]]));
    }

    static void Run(HiddenLayout layout, int[] weights)
    {
        using Party party = new(layout, weights);
        using RingTensor input = RingTensor.Uniform(layout.Parameters.Plain, layout.Shape.Input);
        byte[] request = new byte[layout.RequestSize];
        using AnswerCheck check = party.Ask(input, request);
        using RingTensor? output = party.Key.TryDecrypt(layout, party.Question, party.Answer([request])[0], check);
        Assert.Equal(party.Expected(input), output!.Elements.ToArray());
    }

    /// <summary>Enclave, owner and cloud of one layer, without anything between them.</summary>
    sealed class Party : IDisposable
    {
        readonly HiddenLayer _layer;
        readonly WeightDigest _digest;
        readonly HiddenPublicKey _public;
        readonly RingConvolution _reference;

        public Party(HiddenLayout layout, int[] weights)
        {
            Key = new ModelKey(layout.Parameters, Bytes(1));
            Question = new QuestionKey(layout.Parameters);
            HiddenPublicKey.TryRead(layout.Parameters, Key.PublicKey(), out HiddenPublicKey? key);
            (_public, _layer, _digest, _reference) = (key!, new HiddenLayer(layout), new WeightDigest(layout), new RingConvolution(layout.Shape, weights));
            Weights = EncryptWeights(weights);
            foreach (byte[] ciphertext in Weights)
            {
                Assert.Equal(LatticeOutcome.Ok, _layer.Add(ciphertext));
                Assert.True(_digest.Add(ciphertext));
            }
            Assert.True(_layer.IsComplete && _digest.IsComplete);
        }

        public ModelKey Key { get; }

        public QuestionKey Question { get; }

        public byte[][] Weights { get; }

        public byte[][] EncryptWeights(int[] weights)
        {
            List<byte[]> ciphertexts = [];
            _public.Encrypt(_layer.Layout, weights, ciphertexts.Add);
            return [.. ciphertexts];
        }

        public AnswerCheck Ask(RingTensor input, byte[] request)
        {
            AnswerCheck check = new(_digest);
            Question.Encrypt(_layer.Layout, input, request, check);
            return check;
        }

        public byte[][] Answer(byte[][] requests, int threads = -1)
        {
            byte[][] answers = [.. requests.Select(_ => new byte[_layer.Layout.AnswerSize])];
            Assert.Equal(LatticeOutcome.Ok, _layer.TryEvaluate(requests, answers, threads));
            return answers;
        }

        public ulong[] Expected(RingTensor input) => _reference.Apply(input).Elements.ToArray();

        public void Dispose()
        {
            Key.Dispose();
            Question.Dispose();
            _digest.Dispose();
        }

        static byte[] Bytes(byte value) => [.. Enumerable.Repeat(value, 32)];
    }
}
