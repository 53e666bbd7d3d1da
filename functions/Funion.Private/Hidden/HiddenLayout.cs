using Funion.Private.Lattice;
using Funion.Private.Ring;

namespace Funion.Private.Hidden;

/// <summary>A linear layer whose weights are encrypted too: its blocks, the size of its messages, its noise.</summary>
public sealed class HiddenLayout : BlockLayout
{
    /// <summary>
    /// What a stored polynomial of weights costs beside a ciphertext that crosses to the enclave, in bytes: the cloud reads it from memory once a layer, the
    /// enclave transforms every ciphertext.
    /// </summary>
    const long WeightCost = 16_384;

    /// <summary>Polynomials of an answer, for 1, s, z and s·z.</summary>
    public const int Components = 4;

    /// <summary>Lays a layer out.</summary>
    /// <param name="parameters">The encryption's.</param>
    /// <param name="shape">The layer.</param>
    /// <param name="weightBound">Greatest magnitude of a weight; public.</param>
    public HiddenLayout(HiddenParameters parameters, ConvolutionShape shape, int weightBound = 127) : base(shape, Costs(parameters))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(weightBound, 1);
        Parameters = parameters;
        WeightBound = weightBound;
        NoiseBound = parameters.NoiseBound(ChannelBlocks, (double)FilterBlock * shape.FanIn * weightBound);
        if (NoiseBound > HiddenParameters.NoiseBudget)
        {
            throw new ArgumentException($"A sum over {shape.FanIn} inputs has too much noise for messages of {parameters.Plain.Bits} bits.", nameof(shape));
        }
    }

    /// <summary>The encryption's parameters.</summary>
    public HiddenParameters Parameters { get; }

    /// <summary>Greatest magnitude of a weight.</summary>
    public int WeightBound { get; }

    /// <summary>What the noise of an output stays below, but for probability 2^−64.</summary>
    public double NoiseBound { get; }

    /// <summary>Ciphertexts of weights.</summary>
    public int WeightCiphertexts => ChannelBlocks * FilterBlocks;

    /// <summary>Bytes of one ciphertext of weights: b, a.</summary>
    public int WeightSize => 2 * Parameters.PolynomialSize;

    /// <summary>Bytes of an encrypted input: a seed, then b of every ciphertext.</summary>
    public int RequestSize => HiddenParameters.SeedSize + (Ciphertexts * Parameters.PolynomialSize);

    /// <summary>Bytes of one encrypted output: its four polynomials.</summary>
    public int AnswerPartSize => Components * Parameters.PolynomialSize;

    /// <summary>Bytes of all encrypted outputs.</summary>
    public int AnswerSize => Answers * AnswerPartSize;

    /// <summary>The polynomial of one block of weights, signed.</summary>
    internal void EncodeWeights(ReadOnlySpan<int> weights, int channelBlock, int filterBlock, ReadOnlySpan<int> exponents, Span<ulong> polynomial)
    {
        polynomial.Clear();
        int area = Shape.Window.Area, channels = Shape.Input.Channels;
        for (int i = 0; i < exponents.Length; i++)
        {
            int filter = (filterBlock * FilterBlock) + (i / (ChannelBlock * area)), channel = (channelBlock * ChannelBlock) + (i / area % ChannelBlock);
            if (filter < Shape.Filters && channel < channels)
            {
                polynomial[exponents[i]] = unchecked((ulong)(long)weights[(((filter * channels) + channel) * area) + (i % area)]);
            }
        }
    }

    static BlockCosts Costs(HiddenParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return new BlockCosts(parameters.Ring.Degree, parameters.Ring.Degree, parameters.PolynomialSize, Components * parameters.PolynomialSize, WeightCost);
    }
}
