using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>
/// A linear layer of the two-party mode: its blocks, the size of its two messages, its noise. Both parties derive it from the public shape alone.
/// </summary>
public sealed class LinearLayout : BlockLayout
{
    /// <summary>Lays a layer out for the fewest bytes in both directions.</summary>
    /// <param name="parameters">The encryption's.</param>
    /// <param name="shape">The layer.</param>
    /// <param name="weightBound">Greatest magnitude of a weight: public, for the noise.</param>
    public LinearLayout(LatticeParameters parameters, ConvolutionShape shape, int weightBound = 127) : base(shape, Costs(parameters, shape, weightBound))
    {
        Parameters = parameters;
        WeightBound = weightBound;
        NoiseBound = parameters.NoiseBound(FilterBlock * FilterNorm(shape, weightBound));
    }

    /// <summary>The encryption's parameters.</summary>
    public LatticeParameters Parameters { get; }

    /// <summary>Greatest magnitude of a weight.</summary>
    public int WeightBound { get; }

    /// <summary>What the noise of an output stays below, but for probability 2^−64.</summary>
    public double NoiseBound { get; }

    /// <summary>Bytes of the client's message.</summary>
    public int RequestSize => LatticeParameters.SeedSize + (Ciphertexts * Parameters.CiphertextSize);

    /// <summary>Bytes of the server's message.</summary>
    public int AnswerSize
    {
        get
        {
            int size = 0;
            for (int tile = 0; tile < Tiles; tile++)
            {
                for (int block = 0; block < FilterBlocks; block++)
                {
                    size += AnswerPartSize(tile, block);
                }
            }
            return size;
        }
    }

    /// <summary>Bytes of one answer: its half `a`, then its outputs.</summary>
    internal int AnswerPartSize(int tile, int filterBlock) =>
        Parameters.AnswerMaskSize + BitPacking.ByteSize(OutputsIn(tile, filterBlock), Parameters.AnswerBits);

    static double FilterNorm(ConvolutionShape shape, int weightBound) => (double)shape.FanIn * weightBound * weightBound;

    static BlockCosts Costs(LatticeParameters parameters, ConvolutionShape shape, int weightBound)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfLessThan(weightBound, 1);
        int most = MostFilters(parameters, FilterNorm(shape, weightBound));
        return most > 0 ? new BlockCosts(parameters.Degree, most, parameters.CiphertextSize, parameters.AnswerMaskSize, 0) : throw new ArgumentException(
            $"A sum of {shape.FanIn} products with weights up to {weightBound} has too much noise for messages of {parameters.Plain.Bits} bits.", nameof(shape));
    }

    /// <summary>Filters in one block whose noise together stays within the budget; 0 when a single one has too much.</summary>
    static int MostFilters(LatticeParameters parameters, double filterNorm)
    {
        int most = parameters.Degree;
        while (most > 0 && parameters.NoiseBound(most * filterNorm) > parameters.NoiseBudget)
        {
            most--;
        }
        return most;
    }

}
