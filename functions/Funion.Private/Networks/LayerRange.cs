namespace Funion.Private.Networks;

/// <summary>What calibration found of one value.</summary>
/// <param name="Name">The layer.</param>
/// <param name="Peak">Greatest magnitude that the samples reach, in floats.</param>
/// <param name="Bits">The same as an integer, in bits beyond the sign.</param>
/// <param name="Headroom">Bits that are free above it.</param>
public sealed record LayerRange(string Name, double Peak, double Bits, double Headroom);
