using Funion.Mixing;

namespace Funion.Tests.Simulation;

/// <summary>Draws that repeat.</summary>
sealed class SeededRandom(int seed) : RandomSource
{
    readonly Random _random = new(seed);

    public override void Fill(Span<byte> destination) => _random.NextBytes(destination);
}
