using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Enclave;

/// <summary>
/// One input on its way through a network. The cloud has the linear layers, one after another; between two of them everything is done here. Values that no later
/// layer takes are wiped.
/// </summary>
sealed class Evaluation : IDisposable
{
    readonly EnclaveModel _model;
    readonly RingTensor?[] _values;
    readonly LatticeSecretKey? _openKey;
    readonly QuestionKey? _questionKey;
    AnswerCheck? _check;

    /// <summary>Begins with an input, or goes on with values that were sealed: those that are missing are not needed any more.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer that is next; 0 at the beginning.</param>
    /// <param name="values">The input at 0, outputs of layers after it. Wiped with this.</param>
    public Evaluation(EnclaveModel model, int layer, RingTensor?[] values)
    {
        (_model, _values, Layer) = (model, values, layer);
        // A key of its own for every question, and again after every restart.
        _openKey = model.OpenParameters is { } parameters ? LatticeSecretKey.Create(parameters) : null;
        _questionKey = model.Key is { } key ? new QuestionKey(key.Parameters) : null;
        Advance();
    }

    /// <summary>The linear layer that waits for its answer; the number of layers when all is done.</summary>
    public int Layer { get; private set; }

    /// <summary>The values that are still needed.</summary>
    public ReadOnlySpan<RingTensor?> Values => _values;

    /// <summary>The output, once all is done.</summary>
    public RingTensor? Output => Layer == _model.Network.Layers.Count ? _values[^1] : null;

    LinearLayer Linear => (LinearLayer)_model.Network.Layers[Layer];

    /// <summary>The encrypted input of the layer that waits, after so many bytes of room; other bytes every time.</summary>
    public byte[] Ask(int room)
    {
        RingTensor input = _values[Linear.Input]!;
        byte[] request;
        if (_questionKey is { } key)
        {
            request = GC.AllocateUninitializedArray<byte>(room + _model.Hidden(Layer).RequestSize);
            _check?.Dispose();
            _check = new AnswerCheck(_model.Digest(Layer));
            key.Encrypt(_model.Hidden(Layer), input, request.AsSpan(room), _check);
            return request;
        }
        request = GC.AllocateUninitializedArray<byte>(room + _model.Open(Layer).RequestSize);
        new LinearClient(_openKey!, _model.Open(Layer)).Encrypt(input, request.AsSpan(room));
        return request;
    }

    /// <summary>Takes the answer and goes on to the next linear layer; false when it is none, or not the answer to what was asked.</summary>
    public bool Take(ReadOnlySpan<byte> answer)
    {
        RingTensor? product = _model.Key is { } key ? key.TryDecrypt(_model.Hidden(Layer), _questionKey!, answer, _check!) : Decode(answer);
        _check?.Dispose();
        _check = null;
        if (product is null)
        {
            return false;
        }
        ExactLayers.AddBias(Linear, product);
        _values[Layer + 1] = product;
        Layer++;
        Advance();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _openKey?.Dispose();
        _questionKey?.Dispose();
        _check?.Dispose();
        foreach (RingTensor? value in _values)
        {
            value?.Dispose();
        }
    }

    /// <summary>W·x of an open model: the decoded 2·W·x, halved.</summary>
    RingTensor? Decode(ReadOnlySpan<byte> answer)
    {
        if (new LinearClient(_openKey!, _model.Open(Layer)).TryDecode(answer, out RingTensor? decoded) != LatticeOutcome.Ok)
        {
            return null;
        }
        RingTensor product = new(_model.Network.Modulus, Linear.Output);
        ExactLayers.Halve(decoded!, product);
        decoded!.Dispose();
        return product;
    }

    void Advance()
    {
        IReadOnlyList<IntegerLayer> layers = _model.Network.Layers;
        Forget();
        for (; Layer < layers.Count && layers[Layer] is not LinearLayer; Layer++, Forget())
        {
            IReadOnlyList<int> inputs = layers[Layer].Inputs;
            _values[Layer + 1] = ExactLayers.Apply(layers[Layer], _values[inputs[0]]!, inputs.Count > 1 ? _values[inputs[1]] : null);
        }
    }

    /// <summary>Wipes what nothing needs from here on.</summary>
    void Forget()
    {
        for (int value = 0; value < _values.Length - 1; value++)
        {
            if (_values[value] is { } done && !_model.Network.Layers.Skip(Layer).Any(layer => layer.Inputs.Contains(value)))
            {
                done.Dispose();
                _values[value] = null;
            }
        }
    }
}
