using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>x·2^a + y·2^b: a shortcut, both sides brought to one scale.</summary>
public sealed record AddLayer(string Name, int First, int Second, TensorShape Shape, int ShiftFirst, int ShiftSecond) : LocalLayer(Name, [First, Second], Shape)
{
    /// <inheritdoc/>
    public override RingTensor Apply(IReadOnlyList<RingTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs[0].ShiftedLeft(ShiftFirst).Plus(inputs[1].ShiftedLeft(ShiftSecond));
    }
}
