using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Funion.Mixing;

/// <summary>
/// Where the draws of scheduling come from: delays, slots, paths, orders. Keys never come from here but from the system's generator itself,
/// so that a test may seed this one.
/// </summary>
public abstract class RandomSource
{
    /// <summary>
    /// The 1 − 10⁻¹² quantile of Exp(1): draws are capped there, so that a delay is bounded and a packet cannot wait for ever (Echomix, section 5).
    /// </summary>
    public const double LongestExponential = 27.631021115928547;

    /// <summary>The operating system's generator.</summary>
    public static RandomSource System { get; } = new SystemSource();

    /// <summary>Fills with uniform bytes.</summary>
    public abstract void Fill(Span<byte> destination);

    /// <summary>Uniform in (0, 1), 53 bits.</summary>
    public double NextDouble()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return ((BinaryPrimitives.ReadUInt64LittleEndian(bytes) >> 11) + 0.5) * (1.0 / (1UL << 53));
    }

    /// <summary>Exponential with this mean, capped at <see cref="LongestExponential"/> means.</summary>
    public TimeSpan Exponential(TimeSpan mean)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mean, TimeSpan.Zero);
        return mean * Math.Min(-Math.Log(NextDouble()), LongestExponential);
    }

    /// <summary>Uniform in [0, <paramref name="limit"/>), by rejection.</summary>
    public int Below(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        uint bound = (uint)limit;
        uint reject = unchecked((0u - bound) % bound);
        Span<byte> bytes = stackalloc byte[4];
        while (true)
        {
            Fill(bytes);
            uint draw = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            if (draw >= reject)
            {
                return (int)(draw % bound);
            }
        }
    }

    /// <summary>Fisher–Yates.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = Below(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    sealed class SystemSource : RandomSource
    {
        public override void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}
