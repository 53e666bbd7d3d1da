using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>Puts a network together layer by layer, with random weights.</summary>
sealed class NetworkPlan(TensorShape input, Random random)
{
    readonly List<FloatLayer> _layers = [];

    /// <summary>The value that was made last.</summary>
    public int Value => _layers.Count;

    TensorShape Shape => ShapeOf(Value);

    /// <summary>A convolution that keeps rows and columns, or halves them by its stride.</summary>
    public NetworkPlan Convolve(int filters, int size, int stride = 1) =>
        Linear(Value, new ConvolutionShape(Shape, filters, Window.Square(size, stride, size / 2)));

    public NetworkPlan Connect(int outputs) => Linear(Value, ConvolutionShape.FullyConnected(Shape.Count, outputs));

    public NetworkPlan Rectify() => Put(new FloatActivation(Name("relu"), Value, Shape, null, Rectifies: true, float.PositiveInfinity));

    /// <summary>The quadratic that stands in place of a ReLU.</summary>
    public NetworkPlan Square()
    {
        (float square, float linear, float constant) = FloatQuadratic.InPlaceOfRelu;
        return Put(new FloatQuadratic(Name("square"), Value, Shape, square, linear, constant));
    }

    public NetworkPlan Average(int size) => Put(new FloatAveragePool(Name("pool"), Value, Shape, Window.Square(size, size)));

    /// <summary>Adds an earlier value to the last one, through a 1×1 convolution where their shapes differ.</summary>
    public NetworkPlan AddShortcut(int earlier, int stride)
    {
        int last = Value;
        TensorShape shape = Shape;
        if (ShapeOf(earlier) != shape)
        {
            Linear(earlier, new ConvolutionShape(ShapeOf(earlier), shape.Channels, Window.Square(1, stride)));
            earlier = Value;
        }
        return Put(new FloatAdd(Name("add"), last, earlier, shape));
    }

    public FloatNetwork ToNetwork() => new(input, _layers);

    NetworkPlan Linear(int from, ConvolutionShape shape)
    {
        double scale = Math.Sqrt(2.0 / shape.FanIn);
        float[] weights = [.. Enumerable.Range(0, shape.WeightCount).Select(_ => (float)(scale * Normal()))];
        float[] bias = [.. Enumerable.Range(0, shape.Filters).Select(_ => (float)(0.1 * Normal()))];
        return Put(new FloatLinear(Name("linear"), from, shape, weights, bias));
    }

    double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    string Name(string kind) => $"{kind}{_layers.Count}";

    TensorShape ShapeOf(int value) => value == 0 ? input : _layers[value - 1].Output;

    NetworkPlan Put(FloatLayer layer)
    {
        _layers.Add(layer);
        return this;
    }
}
