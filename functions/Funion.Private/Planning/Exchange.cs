using Funion.Private.Networks;

namespace Funion.Private.Planning;

/// <summary>
/// Activations of a network that can be quadratic, by their place among all that rectify; and the network with some of them exchanged. One that takes the greatest of a
/// window takes its mean, and squares that: there is no maximum of shares without a circuit.
/// <list type="bullet">
/// <item>References: Delphi (Mishra and others, 2020), section 5, and its polynomial.</item>
/// </list>
/// </summary>
public static class Exchange
{
    /// <summary>Layers that can be exchanged; their places in this list are what a set names.</summary>
    public static IReadOnlyList<int> Candidates(FloatNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return [.. Enumerable.Range(0, network.Layers.Count).Where(i => network.Layers[i] is FloatActivation { Rectifies: true })];
    }

    /// <summary>The network with the activations of a set exchanged.</summary>
    public static FloatNetwork Apply(FloatNetwork network, IReadOnlySet<int> set)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(set);
        IReadOnlyList<int> candidates = Candidates(network);
        HashSet<int> layers = [.. set.Select(place => candidates[place])];
        List<FloatLayer> made = [];
        int[] values = new int[network.Layers.Count + 1];
        for (int i = 0; i < network.Layers.Count; i++)
        {
            FloatLayer layer = network.Layers[i];
            if (layer is FloatActivation activation && layers.Contains(i))
            {
                int from = values[activation.Input];
                if (activation.Pool is { } pool)
                {
                    made.Add(new FloatAveragePool(layer.Name + "_mean", from, activation.From, pool));
                    from = made.Count;
                }
                (float square, float linear, float constant) = FloatQuadratic.InPlaceOfRelu;
                made.Add(new FloatQuadratic(layer.Name, from, layer.Output, square, linear, constant));
            }
            else
            {
                made.Add(Moved(layer, values));
            }
            values[i + 1] = made.Count;
        }
        return new FloatNetwork(network.Input, made);
    }

    static FloatLayer Moved(FloatLayer layer, int[] values) => layer switch
    {
        FloatLinear linear => new FloatLinear(linear.Name, values[linear.Input], linear.Shape, linear.Weights, linear.Bias),
        FloatActivation one => new FloatActivation(one.Name, values[one.Input], one.From, one.Pool, one.Rectifies, one.Cap),
        FloatQuadratic one => new FloatQuadratic(one.Name, values[one.Input], one.Shape, one.Square, one.Linear, one.Constant),
        FloatAveragePool pool => new FloatAveragePool(pool.Name, values[pool.Input], pool.From, pool.Window),
        FloatAdd add => new FloatAdd(add.Name, values[add.First], values[add.Second], add.Shape),
        _ => throw new ArgumentException($"{layer.GetType().Name} is no layer that is known.", nameof(layer)),
    };
}
