using System.Security.Cryptography;
using Funion.Enclave;
using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Hidden;

/// <summary>A model in the cloud and its enclave, without processes, messages or policies between them.</summary>
sealed class PlainCloud : IDisposable
{
    readonly HiddenLayer?[] _hidden;
    readonly LinearServer?[] _open;

    public PlainCloud(IntegerNetwork network, bool hidden)
    {
        Network = network;
        int count = network.Layers.Count;
        (_hidden, _open) = (new HiddenLayer?[count], new LinearServer?[count]);
        IntegerNetwork known = network.WithBiases();
        HiddenParameters parameters = new(network.Modulus);
        ModelKey? key = hidden ? new ModelKey(parameters, RandomNumberGenerator.GetBytes(32)) : null;
        List<byte[]> stored = [];
        if (key is not null)
        {
            HiddenPublicKey.TryRead(parameters, key.PublicKey(), out HiddenPublicKey? theirs);
            foreach ((int i, IntegerLayer any) in network.Layers.Index())
            {
                if (any is LinearLayer layer)
                {
                    HiddenLayer cloud = _hidden[i] = new HiddenLayer(new HiddenLayout(parameters, layer.Shape, layer.WeightBound));
                    theirs!.Encrypt(cloud.Layout, layer.Weights!, ciphertext =>
                    {
                        Assert.Equal(LatticeOutcome.Ok, cloud.Add(ciphertext));
                        stored.Add(ciphertext);
                    });
                }
            }
        }
        Model = new EnclaveModel(known, key, new Bytes32(SHA256.HashData([.. stored.SelectMany(bytes => bytes)])));
        foreach (byte[] ciphertext in stored)
        {
            Assert.True(Model.AddWeights(ciphertext));
        }
        Assert.True(Model.IsReady);
        foreach ((int i, IntegerLayer any) in network.Layers.Index())
        {
            _open[i] = !hidden && any is LinearLayer layer ? new LinearServer(Model.Open(i), layer.Weights!) : null;
        }
    }

    public IntegerNetwork Network { get; }

    public EnclaveModel Model { get; }

    public byte[] Answer(int layer, byte[] request)
    {
        byte[] answer = new byte[_hidden[layer]?.Layout.AnswerSize ?? _open[layer]!.Layout.AnswerSize];
        Assert.Equal(LatticeOutcome.Ok, _hidden[layer]?.TryEvaluate([request], [answer]) ?? _open[layer]!.TryMultiply(request, answer));
        return answer;
    }

    public RingTensor Run(RingTensor input)
    {
        RingTensor?[] values = new RingTensor?[Network.Layers.Count + 1];
        values[0] = RingTensor.Of(Network.Modulus, input.Shape, input.ToSigned());
        using Evaluation evaluation = new(Model, 0, values);
        while (evaluation.Output is null)
        {
            Assert.True(evaluation.Take(Answer(evaluation.Layer, evaluation.Ask(0))));
        }
        return RingTensor.Of(Network.Modulus, Network.Output, evaluation.Output.ToSigned());
    }

    public void Dispose() => Model.Dispose();
}
