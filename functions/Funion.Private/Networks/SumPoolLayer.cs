using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>Sums of windows: an average pooling whose division has gone into the scale.</summary>
public sealed record SumPoolLayer(string Name, int Input, TensorShape From, Window Window) : LocalLayer(Name, [Input], Window.Over(From, From.Channels))
{
    /// <inheritdoc/>
    public override RingTensor Apply(IReadOnlyList<RingTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        RingTensor input = inputs[0], output = new(input.Modulus, Output);
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Shape.Count, From.Count);
        for (int i = 0; i < Output.Count; i++)
        {
            ulong sum = 0;
            foreach (int source in new WindowSources(From, Window, Output, i))
            {
                sum = unchecked(sum + input.Elements[source]);
            }
            output.Elements[i] = sum & input.Modulus.Mask;
        }
        return output;
    }
}
