namespace Funion.Private.Enclaves;

/// <summary>Time and bytes of questions, by linear layer: on the cloud's side of the boundary, across it, and behind it.</summary>
public sealed class EnclaveCosts
{
    readonly SortedDictionary<int, (double Cloud, double Enclave, long In, long Out)> _layers = [];

    /// <summary>The layer that was multiplied last.</summary>
    internal int Layer { get; private set; } = -1;

    /// <summary>By number of the layer; −1 for what comes before the first. Seconds on either side, bytes into the enclave and out of it.</summary>
    public IReadOnlyDictionary<int, (double Cloud, double Enclave, long In, long Out)> Layers => _layers;

    /// <summary>Seconds of the cloud's products.</summary>
    public double CloudSeconds => _layers.Values.Sum(layer => layer.Cloud);

    /// <summary>Seconds in which the cloud waited for the enclave, pipe included.</summary>
    public double EnclaveSeconds => _layers.Values.Sum(layer => layer.Enclave);

    /// <summary>Bytes into the enclave.</summary>
    public long BytesIn => _layers.Values.Sum(layer => layer.In);

    /// <summary>Bytes out of it.</summary>
    public long BytesOut => _layers.Values.Sum(layer => layer.Out);

    internal void AddProducts(int layer, TimeSpan time)
    {
        Layer = layer;
        _layers.TryGetValue(layer, out (double Cloud, double Enclave, long In, long Out) costs);
        _layers[layer] = costs with { Cloud = costs.Cloud + time.TotalSeconds };
    }

    internal void AddCrossing(int layer, TimeSpan time, long bytesIn, long bytesOut)
    {
        _layers.TryGetValue(layer, out (double Cloud, double Enclave, long In, long Out) costs);
        _layers[layer] = costs with { Enclave = costs.Enclave + time.TotalSeconds, In = costs.In + bytesIn, Out = costs.Out + bytesOut };
    }
}
