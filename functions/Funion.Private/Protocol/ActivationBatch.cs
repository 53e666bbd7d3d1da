using Funion.Private.Garbling;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>Some outputs of one non-linear layer that are garbled together: all with windows of one size, where padding cuts some short.</summary>
sealed class ActivationBatch
{
    /// <summary>Labels of a batch stay in a second-level cache.</summary>
    const int Transfers = 1 << 16, AndGates = 1 << 22;

    readonly int[] _outputs, _sources;

    readonly ulong _offset;

    ActivationBatch(NonlinearLayer layer, ulong number, Circuit circuit, int[] outputs, int[] sources)
    {
        Number = number;
        Geometry = new GarblingGeometry(circuit, outputs.Length);
        _outputs = outputs;
        _sources = sources;
        _offset = (ulong)layer.Offset;
    }

    /// <summary>Of the batch in its session.</summary>
    public ulong Number { get; }

    /// <summary>Its sizes.</summary>
    public GarblingGeometry Geometry { get; }

    int Window => _sources.Length / _outputs.Length;

    /// <summary>All batches of a layer, numbered from <paramref name="number"/>.</summary>
    public static IEnumerable<ActivationBatch> Of(NonlinearLayer layer, Modulus modulus, ulong number, IDictionary<Activation, Circuit> circuits)
    {
        IEnumerable<(int Output, int[] Sources)> outputs = Enumerable.Range(0, layer.Output.Count).Select(i => (i, Sources(layer, i)));
        foreach (IGrouping<int, (int Output, int[] Sources)> group in outputs.GroupBy(one => one.Sources.Length).OrderBy(group => group.Key))
        {
            Activation activation = ActivationOf(layer, modulus, group.Key);
            if (!circuits.TryGetValue(activation, out Circuit? circuit))
            {
                circuits[activation] = circuit = activation.ToCircuit();
            }
            int most = Math.Min(Transfers / circuit.OpenBits, AndGates / Math.Max(1, circuit.AndGates)), whole = Math.Max(1, most - (most % 16));
            foreach ((int Output, int[] Sources)[] chunk in group.Chunk(whole))
            {
                yield return new ActivationBatch(layer, number++, circuit, [.. chunk.Select(one => one.Output)], [.. chunk.SelectMany(one => one.Sources)]);
            }
        }
    }

    /// <summary>What a garbler's bound words are: its shares and the mask, an instance after the other.</summary>
    public ulong[] Bound(RingTensor share, RingTensor mask)
    {
        int window = Window, stride = window + 1;
        ulong[] words = GC.AllocateArray<ulong>(_outputs.Length * stride, pinned: true);
        for (int i = 0; i < _outputs.Length; i++)
        {
            for (int j = 0; j < window; j++)
            {
                words[(i * stride) + j] = share.Elements[_sources[(i * window) + j]];
            }
            words[(i * stride) + window] = mask.Elements[_outputs[i]];
        }
        return words;
    }

    /// <summary>What an evaluator's open words are: its shares, with what makes truncation round to the nearest.</summary>
    public void Open(RingTensor share, Span<ulong> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = unchecked(share.Elements[_sources[i]] + _offset) & share.Modulus.Mask;
        }
    }

    /// <summary>Open words of the batch.</summary>
    public int OpenWords => _sources.Length;

    /// <summary>Puts results where they belong.</summary>
    public void Scatter(ReadOnlySpan<ulong> results, RingTensor output)
    {
        for (int i = 0; i < results.Length; i++)
        {
            output.Elements[_outputs[i]] = results[i];
        }
    }

    static int[] Sources(NonlinearLayer layer, int output)
    {
        List<int> sources = [];
        foreach (int source in layer.Sources(output))
        {
            sources.Add(source);
        }
        return [.. sources];
    }

    static Activation ActivationOf(NonlinearLayer layer, Modulus modulus, int window)
    {
        if (layer.Cap is not null && !layer.Rectifies)
        {
            throw new ArgumentException($"'{layer.Name}' has an upper bound and no lower one.", nameof(layer));
        }
        // A limit that no value reaches is none.
        bool clamps = layer.Cap is { } cap && cap < 1L << (modulus.Bits - 1 - layer.Truncation);
        return new Activation
        {
            Width = modulus.Bits, Truncation = layer.Truncation, Window = window,
            Rectifier = !layer.Rectifies ? Rectifier.None : clamps ? Rectifier.Clamp : Rectifier.Relu, Limit = clamps ? (ulong)layer.Cap!.Value : 0,
        };
    }
}
