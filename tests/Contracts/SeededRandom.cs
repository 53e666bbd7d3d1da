using System.Buffers.Binary;
using Funion.Mixing;

namespace Funion.Contracts;

/// <summary>Draws that a test can repeat: SplitMix64.</summary>
public sealed class SeededRandom(ulong seed) : RandomSource
{
    readonly Lock _lock = new();
    ulong _state = seed;

    public override void Fill(Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[8];
        lock (_lock)
        {
            for (int at = 0; at < destination.Length; at += block.Length)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(block, Next());
                block[..Math.Min(block.Length, destination.Length - at)].CopyTo(destination[at..]);
            }
        }
    }

    ulong Next()
    {
        unchecked
        {
            ulong z = _state += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return z ^ (z >> 31);
        }
    }
}
