using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>A layer as the model file has it, in floats. Value 0 is the network's input, value i + 1 the output of layer i.</summary>
/// <param name="Name">Of its output in the file.</param>
/// <param name="Inputs">Values it takes.</param>
/// <param name="Output">Shape of its output.</param>
public abstract record FloatLayer(string Name, IReadOnlyList<int> Inputs, TensorShape Output);
