using System.Runtime.InteropServices;
using Funion.Private.Lattice;

namespace Funion.Private.Hidden;

/// <summary>
/// An enclave's public key, (pa, pb) with pb + pa·s = t·e: pa from a seed. Whoever has it encrypts; only the enclave reads.
/// <code>
/// key = seed 32 ‖ pb 49,152          ciphertext = b ‖ a = pb·u + t·e₁ + m ‖ pa·u + t·e₂,  u ternary
/// </code>
/// </summary>
public sealed class HiddenPublicKey
{
    readonly double[] _a, _b;

    HiddenPublicKey(HiddenParameters parameters)
    {
        Parameters = parameters;
        (_a, _b) = (new double[parameters.Ring.Length], new double[parameters.Ring.Length]);
    }

    /// <summary>The parameters.</summary>
    public HiddenParameters Parameters { get; }

    /// <summary>Reads a key.</summary>
    public static LatticeOutcome TryRead(HiddenParameters parameters, ReadOnlySpan<byte> bytes, out HiddenPublicKey? key)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        key = null;
        if (bytes.Length != parameters.PublicKeySize)
        {
            return LatticeOutcome.WrongLength;
        }
        HiddenPublicKey read = new(parameters);
        if (!parameters.Ring.TryRead(bytes[HiddenParameters.SeedSize..], read._b))
        {
            return LatticeOutcome.NotCanonical;
        }
        parameters.Ring.Expand(bytes[..HiddenParameters.SeedSize], MaskKind.EnclaveKey, 0, read._a);
        key = read;
        return LatticeOutcome.Ok;
    }

    /// <summary>Encrypts the weights of a layer, a ciphertext at a time: [channel block, filter block].</summary>
    /// <param name="layout">The layer.</param>
    /// <param name="weights">[filter, channel, row, column], none above the layout's bound.</param>
    /// <param name="write">Takes every ciphertext, of <see cref="HiddenLayout.WeightSize"/> bytes.</param>
    public void Encrypt(HiddenLayout layout, ReadOnlySpan<int> weights, Action<byte[]> write)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, layout.Shape.WeightCount);
        foreach (int weight in weights)
        {
            if (Math.Abs((long)weight) > layout.WeightBound)
            {
                throw new ArgumentException($"A weight is over the bound of {layout.WeightBound} that the noise is reckoned with.", nameof(weights));
            }
        }
        int[] exponents = layout.WeightExponents();
        using LatticeScratch message = new(Parameters.Ring.Degree);
        for (int channels = 0; channels < layout.ChannelBlocks; channels++)
        {
            for (int filters = 0; filters < layout.FilterBlocks; filters++)
            {
                layout.EncodeWeights(weights, channels, filters, exponents, message.Words);
                byte[] ciphertext = new byte[layout.WeightSize];
                Encrypt(message.Words, ciphertext);
                write(ciphertext);
            }
        }
    }

    /// <summary>Encrypts one polynomial of signed numbers.</summary>
    internal void Encrypt(ReadOnlySpan<ulong> message, Span<byte> ciphertext)
    {
        ResidueRing ring = Parameters.Ring;
        using LatticeScratch words = new(ring.Degree), noise = new(ring.Degree), mask = new(ring.Length), sum = new(ring.Length);
        Span<double> u = MemoryMarshal.Cast<ulong, double>(mask.Words), half = MemoryMarshal.Cast<ulong, double>(sum.Words);
        LatticeSampling.Ternary(words.Words);
        ring.Spread(words.Words, u);
        ring.Forward(u);
        for (int i = 0; i < 2; i++)
        {
            words.Words.Clear();
            LatticeSampling.AddNoise(words.Words, HiddenParameters.NoisePairs, noise.Words);
            for (int j = 0; j < ring.Degree; j++)
            {
                words.Words[j] = unchecked((words.Words[j] << Parameters.Plain.Bits) + (i == 0 ? message[j] : 0));
            }
            ring.Spread(words.Words, half);
            ring.Forward(half);
            ring.MultiplyAdd(i == 0 ? _b : _a, u, half);
            ring.Write(half, ciphertext.Slice(i * ring.ByteSize, ring.ByteSize));
        }
    }
}
