using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>
/// What a garbled circuit computes for each output, on signed values of Z_2^l:
/// <code>v = max over the window of ⌊(y + 2^(t−1)) / 2^t⌋;  v = max(0, v) if it rectifies;  v = min(v, cap)</code>
/// The offset makes the truncation round to the nearest; one party adds it to its share. Truncation is monotone, so a circuit may compare l − t bits only.
/// </summary>
/// <param name="Name">Of its output in the model file.</param>
/// <param name="Input">Value it takes.</param>
/// <param name="From">Shape of that.</param>
/// <param name="Pool">The window of a max pooling, if there is one.</param>
/// <param name="Rectifies">ReLU, or truncation only.</param>
/// <param name="Truncation">t.</param>
/// <param name="Cap">Of a ReLU6, at the scale of the output.</param>
public sealed record NonlinearLayer(string Name, int Input, TensorShape From, Window? Pool, bool Rectifies, int Truncation, long? Cap)
    : IntegerLayer(Name, [Input], Pool?.Over(From, From.Channels) ?? From)
{
    /// <summary>2^(t−1), or 0 where nothing is truncated: added to every input before anything else.</summary>
    public long Offset => Truncation == 0 ? 0 : 1L << (Truncation - 1);

    /// <summary>Indices of the inputs of one output: one, or those under its window.</summary>
    public WindowSources Sources(int output) => new(From, Pool ?? Window.Point, Output, output);

    /// <inheritdoc/>
    public override RingTensor Apply(IReadOnlyList<RingTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        RingTensor input = inputs[0], output = new(input.Modulus, Output);
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Shape.Count, From.Count);
        Modulus modulus = input.Modulus;
        for (int i = 0; i < Output.Count; i++)
        {
            long greatest = long.MinValue;
            foreach (int source in Sources(i))
            {
                ulong shifted = unchecked(input.Elements[source] + (ulong)Offset) & modulus.Mask;
                greatest = Math.Max(greatest, modulus.Signed(modulus.Truncate(shifted, Truncation)));
            }
            long value = Rectifies ? Math.Max(0, greatest) : greatest;
            output.Elements[i] = modulus.Element(Math.Min(value, Cap ?? long.MaxValue));
        }
        return output;
    }
}
