using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Networks;

namespace Funion.Private.Enclaves;

/// <summary>
/// A model as the cloud has it: layers it multiplies with. Of a hidden model it knows the architecture and has encrypted weights; an open one is its own.
/// </summary>
public sealed class CloudModel
{
    readonly HiddenLayer?[] _hidden;
    readonly LinearServer?[] _open;

    /// <summary>A hidden model that waits for its weights, or an open one.</summary>
    /// <param name="name">As the enclave calls it.</param>
    /// <param name="network">Without weights for a hidden model.</param>
    /// <param name="isHidden">Which of the two.</param>
    public CloudModel(Bytes32 name, IntegerNetwork network, bool isHidden)
    {
        ArgumentNullException.ThrowIfNull(network);
        (Name, Network, IsHidden) = (name, network, isHidden);
        (_hidden, _open) = (new HiddenLayer?[network.Layers.Count], new LinearServer?[network.Layers.Count]);
        HiddenParameters? hidden = isHidden ? new HiddenParameters(network.Modulus) : null;
        LatticeParameters? open = isHidden ? null : new LatticeParameters(network.Modulus);
        foreach ((int i, IntegerLayer any) in network.Layers.Index())
        {
            if (any is LinearLayer layer)
            {
                _hidden[i] = hidden is null ? null : new HiddenLayer(new HiddenLayout(hidden, layer.Shape, layer.WeightBound));
                _open[i] = open is null ? null : new LinearServer(new LinearLayout(open, layer.Shape, layer.WeightBound), layer.Weights);
            }
        }
    }

    /// <summary>As the enclave calls it.</summary>
    public Bytes32 Name { get; }

    /// <summary>Without weights for a hidden model.</summary>
    public IntegerNetwork Network { get; }

    /// <summary>Whether its weights are encrypted.</summary>
    public bool IsHidden { get; }

    /// <summary>Bytes of the encrypted weights.</summary>
    public long WeightBytes => _hidden.Sum(layer => layer is null ? 0L : (long)layer.Layout.WeightCiphertexts * layer.Layout.WeightSize);

    /// <summary>Bytes of each ciphertext of weights, in order.</summary>
    internal IEnumerable<int> WeightSizes => _hidden.OfType<HiddenLayer>().SelectMany(layer => Enumerable.Repeat(layer.Layout.WeightSize, layer.Layout.WeightCiphertexts));

    /// <summary>Whether all weights are there.</summary>
    public bool IsComplete => _hidden.All(layer => layer?.IsComplete != false);

    /// <summary>Takes the next ciphertext of weights.</summary>
    public LatticeOutcome AddWeights(ReadOnlySpan<byte> ciphertext)
    {
        foreach (HiddenLayer? layer in _hidden)
        {
            if (layer is { IsComplete: false })
            {
                return layer.Add(ciphertext);
            }
        }
        return LatticeOutcome.WrongLength;
    }

    /// <summary>Multiplies encrypted inputs of one layer, of several queries at once.</summary>
    public byte[][] Multiply(int layer, IReadOnlyList<byte[]> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        byte[][] answers = new byte[requests.Count][];
        if (_hidden[layer] is { } hidden)
        {
            for (int i = 0; i < answers.Length; i++)
            {
                answers[i] = GC.AllocateUninitializedArray<byte>(hidden.Layout.AnswerSize);
            }
            Check(hidden.TryEvaluate(requests, answers));
            return answers;
        }
        LinearServer open = _open[layer] ?? throw new InvalidOperationException("Not a linear layer.");
        for (int i = 0; i < answers.Length; i++)
        {
            answers[i] = GC.AllocateUninitializedArray<byte>(open.Layout.AnswerSize);
            Check(open.TryMultiply(requests[i], answers[i]));
        }
        return answers;
    }

    static void Check(LatticeOutcome outcome)
    {
        if (outcome != LatticeOutcome.Ok)
        {
            throw new InvalidDataException($"The enclave's message came to {outcome}.");
        }
    }
}
