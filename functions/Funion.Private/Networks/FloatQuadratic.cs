using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>Square·x² + Linear·x + Constant of every value: an activation that a square pair computes.</summary>
public sealed record FloatQuadratic(string Name, int Input, TensorShape Shape, float Square, float Linear, float Constant) : FloatLayer(Name, [Input], Shape)
{
    /// <summary>The polynomial in place of a ReLU. Reference: the code of Delphi (Mishra and others, 2020).</summary>
    public static (float Square, float Linear, float Constant) InPlaceOfRelu => (0.1997f, 0.5002f, 0.1992f);

    /// <summary>The polynomial of one value.</summary>
    public float Of(float x) => (((Square * x) + Linear) * x) + Constant;
}
