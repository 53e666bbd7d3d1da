using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>
/// A layer over Z_2^l with exact semantics: what two parties compute equals what <see cref="Apply"/> computes on the values in the clear, bit for bit, wrapped sums
/// included. Value 0 is the network's input, value i + 1 the output of layer i.
/// </summary>
/// <param name="Name">Of its output in the model file.</param>
/// <param name="Inputs">Values it takes.</param>
/// <param name="Output">Shape of its output.</param>
public abstract record IntegerLayer(string Name, IReadOnlyList<int> Inputs, TensorShape Output)
{
    /// <summary>The layer on values in the clear.</summary>
    public abstract RingTensor Apply(IReadOnlyList<RingTensor> inputs);
}
