using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Hidden;

/// <summary>Networks of every kind of layer, small and with weights up to their bound, so that sums wrap now and then.</summary>
static class SmallNetworks
{
    public static IntegerNetwork Draw(Random random)
    {
        Modulus modulus = new(random.Next(16, 33));
        TensorShape shape = new(random.Next(1, 4), random.Next(4, 9), random.Next(4, 9));
        TensorShape input = shape;
        List<IntegerLayer> layers = [];
        int last = 0;
        for (int i = 0; i < random.Next(1, 4); i++)
        {
            shape = Put(layers, Linear(random, last, new ConvolutionShape(shape, random.Next(1, 4), Window.Square(random.Next(1, 4), random.Next(1, 3), 1))));
            last = layers.Count;
            int truncation = random.Next(0, 6);
            Window? pool = random.Next(2) == 0 && shape is { Height: >= 2, Width: >= 2 } ? Window.Square(2) : null;
            bool rectifies = random.Next(4) > 0;
            shape = Put(layers, new NonlinearLayer("n", last, shape, pool, rectifies, truncation, rectifies && random.Next(2) == 0 ? random.Next(1, 50) : null));
            last = layers.Count;
            if (random.Next(2) == 0)
            {
                Put(layers, Linear(random, last, new ConvolutionShape(shape, shape.Channels, Window.Square(1))));
                shape = Put(layers, new AddLayer("a", last, layers.Count, shape, random.Next(3), random.Next(3)));
                last = layers.Count;
            }
            if (shape is { Height: >= 2, Width: >= 2 })
            {
                shape = Put(layers, new SumPoolLayer("s", last, shape, Window.Square(2)));
                last = layers.Count;
            }
        }
        Put(layers, Linear(random, last, ConvolutionShape.FullyConnected(shape.Count, random.Next(1, 5))));
        return new IntegerNetwork(modulus, input, 1, layers, 1);
    }

    static TensorShape Put(List<IntegerLayer> layers, IntegerLayer layer)
    {
        layers.Add(layer);
        return layer.Output;
    }

    static LinearLayer Linear(Random random, int from, ConvolutionShape shape) => new(
        "l", from, shape, 127, Layers.Weights(shape, random), [.. Enumerable.Range(0, shape.Filters).Select(_ => random.NextInt64(-100_000, 100_000))]);
}
