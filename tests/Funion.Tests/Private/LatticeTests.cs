using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Funion.Private.Lattice;
using Funion.Private.Ring;

namespace Funion.Tests.Private;

/// <summary>Linear layers under encryption: exact, hidden, of the sizes they say.</summary>
public sealed class LatticeTests
{
    static readonly LatticeParameters s_parameters = new(new Modulus(32));

    [Fact]
    public void Shares_of_any_layer_sum_to_the_layer_exactly()
    {
        Random random = new(6);
        LatticeParameters[] rings = [.. ((int[])[16, 24, 28, 32]).Select(bits => new LatticeParameters(new Modulus(bits)))];
        Prop.ForAll(Layers.Small.ToArbitrary(), shape =>
        {
            LinearLayout layout = new(rings[random.Next(rings.Length)], shape);
            int[] weights = Layers.Weights(shape, random);
            using RingTensor r = RingTensor.Uniform(layout.Parameters.Plain, shape.Input);
            (RingTensor client, RingTensor server) = Layers.Share(layout, weights, r, random);
            Assert.Equal(Layers.Naive(shape, weights, r).Elements, client.Plus(server).Elements);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    [Theory]
    [InlineData(64, 32, 4, 3, 1, 1, 32)]
    [InlineData(64, 16, 8, 3, 1, 1, 24)]
    [InlineData(64, 8, 64, 3, 1, 1, 32)]
    [InlineData(16, 32, 32, 3, 2, 1, 32)]
    [InlineData(3, 96, 4, 7, 2, 3, 32)]
    [InlineData(2, 130, 2, 5, 1, 2, 24)]
    [InlineData(5_000, 1, 3, 1, 1, 0, 32)]
    public void Large_layers_are_partitioned_and_stay_exact(int channels, int side, int filters, int kernel, int stride, int padding, int bits)
    {
        Random random = new(7);
        ConvolutionShape shape = new(new TensorShape(channels, side, side), filters, Window.Square(kernel, stride, padding));
        LinearLayout layout = new(new LatticeParameters(new Modulus(bits)), shape);
        // All weights at their bound: nothing has more noise.
        foreach (int[] weights in (int[][])[Layers.Weights(shape, random), [.. Enumerable.Repeat(-127, shape.WeightCount)]])
        {
            using RingTensor r = RingTensor.Uniform(layout.Parameters.Plain, shape.Input);
            (RingTensor client, RingTensor server) = Layers.Share(layout, weights, r, random);
            Assert.Equal(new RingConvolution(shape, weights).Apply(r).Elements, client.Plus(server).Elements);
        }
    }

    [Fact]
    public void Rounding_is_exact_for_every_mask_at_the_edge_of_the_noise()
    {
        // The argument of Rounding in small: q = 2^12, l = 6, u = 2^5, every ρ and every E in [−u/2, u/2).
        const int q = 1 << 12, u = 1 << 5;
        Modulus guarded = new(7);
        Random random = new(8);
        TensorShape shape = new(q, 1, 1);
        foreach (int y in (int[])[0, 1, 31, 32, 63])
        {
            for (int noise = -u / 2; noise < u / 2; noise++)
            {
                using RingTensor mask = RingTensor.Of(guarded, shape, [.. Enumerable.Range(0, q).Select(rho => (long)(rho / u))]);
                using RingTensor decoded = RingTensor.Of(
                    guarded, shape, [.. Enumerable.Range(0, q).Select(rho => (long)((((2 * u * y) + noise - rho + (2 * q) + (u / 2)) % q) / u))]);
                (ulong[] received, ulong[] sent) = Layers.Deal(Layers.Choices(decoded), Layers.Correlations(mask), random);
                RingTensor sum = Rounding.ClientShare(decoded, received).Plus(Rounding.ServerShare(mask, sent));
                Assert.False(sum.Elements.ContainsAnyExcept((ulong)y));
            }
        }
    }

    [Fact]
    public void Measured_noise_stays_under_its_bound_and_near_what_it_is_reckoned_from()
    {
        ConvolutionShape shape = new(new TensorShape(64, 16, 16), 24, Window.Square(3, padding: 1));
        int[] weights = Layers.Weights(shape, new Random(9));
        LinearLayout layout = new(s_parameters, shape);
        double[] noise = NoiseProbe.Measure(layout, weights);
        double largest = noise.Max(Math.Abs), deviation = Math.Sqrt(noise.Average(e => e * e));
        Assert.True(largest < layout.NoiseBound, $"{largest} of {layout.NoiseBound}");
        Assert.True(layout.NoiseBound <= s_parameters.NoiseBudget);
        // CBD(21) under these weights, the fresh zero, both roundings: the proxy without its slack.
        double norm = weights.Take(shape.FanIn).Sum(weight => (double)weight * weight);
        double a = Math.ScaleB(1, s_parameters.DroppedOfA), b = Math.ScaleB(1, s_parameters.DroppedOfB);
        double expected = Math.Sqrt((10.5 * (norm + (2 * 2_048 * 2 / 3.0))) + (2_048 * 2 / 3.0 * a * a / 12) + (b * b / 12));
        Assert.InRange(deviation / expected, 0.8, 1.2);
    }

    [Theory]
    [InlineData(1_024, 1_024, 32)]
    [InlineData(128, 128, 36)]
    public void A_filter_block_is_as_large_as_the_noise_of_all_its_filters_allows(int inputs, int outputs, int bits)
    {
        ConvolutionShape shape = ConvolutionShape.FullyConnected(inputs, outputs);
        LatticeParameters parameters = new(new Modulus(bits));
        LinearLayout layout = new(parameters, shape);
        Assert.Equal(parameters.NoiseBound(layout.FilterBlock * (double)inputs * 127 * 127), layout.NoiseBound);
        Assert.True(layout.NoiseBound <= parameters.NoiseBudget, $"{layout.FilterBlock} filters: {layout.NoiseBound} of {parameters.NoiseBudget}");
        using RingTensor r = RingTensor.Uniform(parameters.Plain, shape.Input);
        int[] weights = [.. Enumerable.Repeat(-127, shape.WeightCount)];
        (RingTensor client, RingTensor server) = Layers.Share(layout, weights, r, new Random(20));
        Assert.Equal(new RingConvolution(shape, weights).Apply(r).Elements, client.Plus(server).Elements);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(128)]
    public void Noise_grows_with_the_root_of_the_filters_in_a_block(int filters)
    {
        ConvolutionShape shape = ConvolutionShape.FullyConnected(16, filters);
        LinearLayout layout = new(s_parameters, shape);
        Assert.Equal(filters, layout.FilterBlock);
        // Of random signs: in a pattern, all outputs would have nearly one noise.
        Random random = new(21);
        int[] weights = [.. Enumerable.Range(0, shape.WeightCount).Select(_ => random.Next(2) == 0 ? 127 : -127)];
        double[] noise = [.. Enumerable.Range(0, 512 / filters).SelectMany(_ => NoiseProbe.Measure(layout, weights, rounded: false))];
        double expected = Math.Sqrt((10.5 * filters * 16 * 127 * 127) + (10.5 * 2 * 2_048 * 2 / 3.0));
        Assert.InRange(Math.Sqrt(noise.Average(e => e * e)) / expected, 0.75, 1.25);
        Assert.True(noise.Max(Math.Abs) < layout.NoiseBound);
    }

    [Fact]
    public void Messages_of_more_than_two_gigabytes_are_refused()
    {
        // A window of 43×43 nearly fills a polynomial: a ciphertext for every channel of every nine outputs.
        ConvolutionShape shape = new(new TensorShape(1 << 12, 64, 64), 1, Window.Square(43, 1, 21));
        Assert.Throws<ArgumentException>(() => new LinearLayout(s_parameters, shape, 1));
    }

    [Fact]
    public void Parameters_below_128_bits_are_refused()
    {
        Modulus plain = new(24);
        Assert.Equal((2_048, 54, 21), (s_parameters.Degree, s_parameters.ModulusBits, s_parameters.NoisePairs));
        Assert.True(s_parameters.ModulusBits <= SecurityTable.MaxModulusBits(s_parameters.Degree));
        (int, int, int)[] weak = [(2_048, 55, 21), (1_024, 54, 21), (1_024, 28, 21), (2_048, 54, 20), (2_000, 54, 21), (2_048, 64, 21), (0, 54, 21)];
        foreach ((int degree, int bits, int pairs) in weak)
        {
            Assert.Throws<CryptographicException>(() => new LatticeParameters(degree, bits, pairs, plain));
        }
        Assert.Equal(64, new LatticeParameters(4_096, 64, 21, plain).ModulusBits);
    }

    [Fact]
    public void Sizes_on_the_wire_follow_from_the_parameters()
    {
        Assert.Equal((13_824, 13_856, 11_008, 35), (s_parameters.CiphertextSize, s_parameters.PublicKeySize, s_parameters.AnswerMaskSize, s_parameters.AnswerBits));
        LinearLayout layout = new(s_parameters, new ConvolutionShape(new TensorShape(64, 32, 32), 64, Window.Square(3, padding: 1)));
        Assert.Equal((32 + (64 * 13_824), 64 * (11_008 + (1_024 * 35 / 8))), (layout.RequestSize, layout.AnswerSize));
        LatticeParameters calibrated = new(new Modulus(24));
        Assert.Equal((8_960, 27), (calibrated.AnswerMaskSize, calibrated.AnswerBits));
    }

    [Fact]
    public void The_same_question_twice_has_nothing_in_common_on_the_wire()
    {
        ConvolutionShape shape = ConvolutionShape.FullyConnected(4, 600);
        LinearLayout layout = new(s_parameters, shape);
        using LatticeSecretKey key = LatticeSecretKey.Create(s_parameters);
        LatticePublicKey.TryRead(s_parameters, key.PublicKey, out LatticePublicKey? theirs);
        using RingTensor zero = new(s_parameters.Plain, shape.Input), mask = new(s_parameters.Guarded, shape.Output);
        LinearClient client = new(key, layout);
        byte[][] requests = [new byte[layout.RequestSize], new byte[layout.RequestSize]];
        // Zero times zero: whatever shows here is not the message.
        LinearServer server = new(layout, new int[shape.WeightCount]);
        List<byte[]> answers = [];
        int[] counts = new int[16];
        foreach (byte[] request in requests)
        {
            client.Encrypt(zero, request);
            for (int i = 0; i < 2; i++)
            {
                byte[] answer = new byte[layout.AnswerSize];
                Assert.Equal(LatticeOutcome.Ok, server.TryEvaluate(theirs!, request, answer, mask));
                answers.Add(answer);
                client.TryDecode(answer, out RingTensor? decoded);
                foreach (ulong element in decoded!.Elements)
                {
                    counts[element >> 29]++;
                }
            }
        }
        Assert.All(answers.SelectMany((first, i) => answers.Skip(i + 1).Select(second => (first, second))).Append((requests[0], requests[1])), pair =>
            // One byte in 256 is equal by chance; 10,000 bytes and more.
            Assert.InRange(pair.Item1.Zip(pair.Item2).Count(bytes => bytes.First == bytes.Second) / (double)pair.Item1.Length, 0.002, 0.006));
        // What the client decrypts is uniform: χ² with 15 degrees, one in ten million above 60.
        double expected = counts.Sum() / 16.0;
        Assert.True(counts.Sum(count => (count - expected) * (count - expected) / expected) < 60);
    }

    [Fact]
    public void Noise_and_secrets_are_distributed_as_the_table_supposes()
    {
        ulong[] words = new ulong[200_000], scratch = new ulong[200_000];
        LatticeSampling.Ternary(words);
        Assert.All((ulong[])[0, 1, ulong.MaxValue], value => Assert.InRange(words.Count(word => word == value), 65_500, 67_900));
        words.AsSpan().Clear();
        LatticeSampling.AddNoise(words, 21, scratch);
        double[] noise = [.. words.Select(word => (double)unchecked((long)word))];
        Assert.InRange(noise.Average(), -0.05, 0.05);
        Assert.InRange(noise.Average(e => e * e), 10.2, 10.8);
        Assert.True(noise.Max(Math.Abs) <= 21);
        Assert.All(scratch, word => Assert.Equal(0UL, word));
    }

    [Fact]
    public void Halves_follow_from_seed_kind_and_number_and_from_nothing_less()
    {
        ulong[] first = new ulong[2_048], second = new ulong[2_048];
        byte[] seed = new byte[32];
        LatticeSampling.Expand(seed, MaskKind.Request, 1, first, s_parameters.Mask);
        LatticeSampling.Expand(seed, MaskKind.Request, 1, second, s_parameters.Mask);
        Assert.Equal(first, second);
        LatticeSampling.Expand(seed, MaskKind.Request, 2, second, s_parameters.Mask);
        Assert.Empty(first.Intersect(second));
        LatticeSampling.Expand(seed, MaskKind.PublicKey, 1, second, s_parameters.Mask);
        Assert.Empty(first.Intersect(second));
        seed[31] ^= 1;
        LatticeSampling.Expand(seed, MaskKind.Request, 1, second, s_parameters.Mask);
        Assert.Empty(first.Intersect(second));
        Assert.All(first, word => Assert.True(word <= s_parameters.Mask));
    }

    [Fact]
    public void Hostile_bytes_have_a_named_outcome()
    {
        ConvolutionShape shape = ConvolutionShape.FullyConnected(5, 3);
        LinearLayout layout = new(s_parameters, shape);
        using LatticeSecretKey key = LatticeSecretKey.Create(s_parameters);
        foreach (int length in (int[])[0, 1, 32, s_parameters.PublicKeySize - 1, s_parameters.PublicKeySize + 1])
        {
            Assert.Equal(LatticeOutcome.WrongLength, LatticePublicKey.TryRead(s_parameters, new byte[length], out LatticePublicKey? none));
            Assert.Null(none);
        }
        LatticePublicKey.TryRead(s_parameters, key.PublicKey, out LatticePublicKey? theirs);
        LinearServer server = new(layout, new int[15]);
        LinearClient client = new(key, layout);
        byte[] answer = new byte[layout.AnswerSize];
        using RingTensor mask = new(s_parameters.Guarded, shape.Output), r = new(s_parameters.Plain, shape.Input);
        foreach (int length in (int[])[0, 32, layout.RequestSize - 1, layout.RequestSize + 1])
        {
            Assert.Equal(LatticeOutcome.WrongLength, server.TryEvaluate(theirs!, new byte[length], answer, mask));
        }
        // 3 outputs of 35 bits leave 7 bits over.
        byte[] request = new byte[layout.RequestSize];
        client.Encrypt(r, request);
        Assert.Equal(LatticeOutcome.Ok, server.TryEvaluate(theirs!, request, answer, mask));
        Assert.Equal(LatticeOutcome.WrongLength, client.TryDecode(answer.AsSpan(1), out _));
        answer[^1] |= 0x80;
        Assert.Equal(LatticeOutcome.NotCanonical, client.TryDecode(answer, out RingTensor? decoded));
        Assert.Null(decoded);
    }

    [Fact]
    public void What_a_programmer_gets_wrong_is_an_exception()
    {
        ConvolutionShape shape = ConvolutionShape.FullyConnected(4, 2);
        LinearLayout layout = new(s_parameters, shape);
        LatticeSecretKey key = LatticeSecretKey.Create(s_parameters);
        LinearClient client = new(key, layout);
        using RingTensor r = RingTensor.Uniform(s_parameters.Plain, shape.Input);
        byte[] request = new byte[layout.RequestSize];
        Assert.Throws<ArgumentOutOfRangeException>(() => client.Encrypt(r, new byte[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => client.Encrypt(RingTensor.Uniform(new Modulus(24), shape.Input), request));
        Assert.Throws<ArgumentOutOfRangeException>(() => client.Encrypt(RingTensor.Uniform(s_parameters.Plain, shape.Output), request));
        Assert.Throws<ArgumentException>(() => new LinearServer(layout, [1, 2, 3, 4, 5, 6, 7, 128]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearServer(layout, new int[7]));
        LatticeParameters others = new(new Modulus(24));
        Assert.Throws<ArgumentException>(() => new LinearClient(key, new LinearLayout(others, shape)));
        LatticePublicKey.TryRead(others, key.PublicKey, out LatticePublicKey? foreign);
        using RingTensor mask = new(s_parameters.Guarded, shape.Output);
        Assert.Throws<ArgumentException>(() => new LinearServer(layout, new int[8]).TryEvaluate(foreign!, request, new byte[layout.AnswerSize], mask));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearServer(layout, new int[8]).TryEvaluate(foreign!, request, new byte[layout.AnswerSize], r));
        // Noise that could reach the message, and a window that no polynomial holds.
        Assert.Throws<ArgumentException>(() => new LinearLayout(s_parameters, shape, weightBound: 100_000));
        Assert.Throws<ArgumentException>(() => new LinearLayout(s_parameters, new ConvolutionShape(new TensorShape(1, 64, 64), 1, Window.Square(64)), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LatticeParameters(new Modulus(41)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Rounding.ClientShare(mask, new ulong[3]));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => client.Encrypt(r, request));
    }

    [Fact]
    public void The_hot_path_allocates_nothing()
    {
        ConvolutionShape shape = new(new TensorShape(4, 16, 16), 4, Window.Square(3, padding: 1));
        LinearLayout layout = new(s_parameters, shape);
        using LatticeSecretKey key = LatticeSecretKey.Create(s_parameters);
        LatticePublicKey.TryRead(s_parameters, key.PublicKey, out LatticePublicKey? theirs);
        byte[] request = new byte[layout.RequestSize], answer = new byte[layout.AnswerSize];
        using RingTensor r = RingTensor.Uniform(s_parameters.Plain, shape.Input), mask = new(s_parameters.Guarded, shape.Output);
        LinearClient client = new(key, layout);
        LinearServer server = new(layout, Layers.Weights(shape, new Random(10)));
        long allocated = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            client.Encrypt(r, request);
            server.TryEvaluate(theirs!, request, answer, mask);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, allocated);
    }
}
