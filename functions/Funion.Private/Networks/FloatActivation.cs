using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>The greatest of every window, if there is one; then max(0, x), if it rectifies; then min(x, cap).</summary>
public sealed record FloatActivation(string Name, int Input, TensorShape From, Window? Pool, bool Rectifies, float Cap)
    : FloatLayer(Name, [Input], Pool?.Over(From, From.Channels) ?? From);
