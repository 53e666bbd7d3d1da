using System.Buffers.Binary;
using Funion.Mixing;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>Draws that repeat: SplitMix64 (Steele, Lea, Flood 2014). One thread.</summary>
sealed class SeededSource(ulong seed) : RandomSource
{
    ulong _state = seed;

    public override void Fill(Span<byte> destination)
    {
        while (destination.Length >= sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination, Next());
            destination = destination[sizeof(ulong)..];
        }
        if (!destination.IsEmpty)
        {
            Span<byte> block = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(block, Next());
            block[..destination.Length].CopyTo(destination);
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
