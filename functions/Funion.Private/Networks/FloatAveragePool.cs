using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>The mean of every window.</summary>
public sealed record FloatAveragePool(string Name, int Input, TensorShape From, Window Window) : FloatLayer(Name, [Input], Window.Over(From, From.Channels));
