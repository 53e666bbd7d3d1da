using System.Security.Cryptography;
using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Networks;

namespace Funion.Enclave;

/// <summary>
/// A model as the enclave knows it: its layers with their biases, no weights. Of encrypted weights it has the hash that their owner gave, and sums that answers are
/// held to; in the open variant the cloud owns the weights and there is neither.
/// </summary>
sealed class EnclaveModel : IDisposable
{
    readonly HiddenLayout?[] _hidden;
    readonly LinearLayout?[] _open;
    readonly WeightDigest?[] _digests;
    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly Bytes32 _weights;
    int _layer;
    bool _verified;

    /// <summary>A model; its network carries biases only. One that does not fit the parameters is an <see cref="ArgumentException"/>.</summary>
    /// <param name="network">The network.</param>
    /// <param name="key">Of a hidden model.</param>
    /// <param name="weights">SHA-256 of all its encrypted weights.</param>
    public EnclaveModel(IntegerNetwork network, ModelKey? key, in Bytes32 weights)
    {
        (Network, Key, _weights) = (network, key, weights);
        (_hidden, _open) = (new HiddenLayout?[network.Layers.Count], new LinearLayout?[network.Layers.Count]);
        _digests = new WeightDigest?[network.Layers.Count];
        HiddenParameters? hidden = key is null ? null : new HiddenParameters(network.Modulus);
        LatticeParameters? open = key is null ? new LatticeParameters(network.Modulus) : null;
        OpenParameters = open;
        foreach ((int i, IntegerLayer any) in network.Layers.Index())
        {
            if (any is LinearLayer layer)
            {
                _hidden[i] = hidden is null ? null : new HiddenLayout(hidden, layer.Shape, layer.WeightBound);
                _open[i] = open is null ? null : new LinearLayout(open, layer.Shape, layer.WeightBound);
                _digests[i] = _hidden[i] is { } layout ? new WeightDigest(layout) : null;
            }
        }
    }

    /// <summary>The network, without weights.</summary>
    public IntegerNetwork Network { get; }

    /// <summary>The key of a hidden model.</summary>
    public ModelKey? Key { get; }

    /// <summary>Of the open variant.</summary>
    public LatticeParameters? OpenParameters { get; }

    /// <summary>Whether it can be asked: all weights have passed by, and they are those that the owner meant.</summary>
    public bool IsReady => Key is null || _verified;

    /// <summary>Of a layer of a hidden model.</summary>
    public HiddenLayout Hidden(int layer) => _hidden[layer]!;

    /// <summary>Of a layer of an open model.</summary>
    public LinearLayout Open(int layer) => _open[layer]!;

    /// <summary>What answers of a layer are held to.</summary>
    public WeightDigest Digest(int layer) => _digests[layer]!;

    /// <summary>Takes the next ciphertext of weights; false when it cannot be one, or the last one shows that one of them was another's.</summary>
    public bool AddWeights(ReadOnlySpan<byte> ciphertext)
    {
        while (_layer < _digests.Length && (_digests[_layer] is null || _digests[_layer]!.IsComplete))
        {
            _layer++;
        }
        if (_layer == _digests.Length || !_digests[_layer]!.Add(ciphertext))
        {
            return false;
        }
        _hash.AppendData(ciphertext);
        if (_digests.Any(digest => digest is { IsComplete: false }))
        {
            return true;
        }
        _verified = CryptographicOperations.FixedTimeEquals(_hash.GetHashAndReset(), _weights.AsSpan());
        return _verified;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        Key?.Dispose();
        foreach (WeightDigest? digest in _digests)
        {
            digest?.Dispose();
        }
    }
}
