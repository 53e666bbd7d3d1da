using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>The sum of two values: a shortcut.</summary>
public sealed record FloatAdd(string Name, int First, int Second, TensorShape Shape) : FloatLayer(Name, [First, Second], Shape);
