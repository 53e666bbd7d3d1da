using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>Convolution or fully connected layer; batch normalization is folded in.</summary>
public sealed record FloatLinear(string Name, int Input, ConvolutionShape Shape, float[] Weights, float[] Bias) : FloatLayer(Name, [Input], Shape.Output);
