using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>A linear layer without secrets: each party applies it to its own shares, and nothing is sent.</summary>
public abstract record LocalLayer(string Name, IReadOnlyList<int> Inputs, TensorShape Output) : IntegerLayer(Name, Inputs, Output);
