using System.Security.Cryptography;
using Funion.Network;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Enclaves;

/// <summary>A sealed model of next to nothing. Its ciphertexts are zeros: who reads the file does not read them.</summary>
static class SealedModels
{
    public static (SealedModelCard Card, byte[] File) Make(ModelOwner owner, EnclavePolicy policy, Bytes32 model)
    {
        ConvolutionShape shape = ConvolutionShape.FullyConnected(4, 2);
        IntegerNetwork network = new(new Modulus(policy.Bits), shape.Input, 1, [new LinearLayer("1", 0, shape, 127, [1, 2, 3, 4, 5, 6, 7, 8], [0, 0])], 1);
        byte[][] weights = [.. new CloudModel(model, network.WithoutWeights(), isHidden: true).WeightSizes.Select(size => new byte[size])];
        SealedModelCard card = new(
            "small", model, policy, new Bytes32(SHA256.HashData([.. weights.SelectMany(bytes => bytes)])), ArchitectureFormat.ToBytes(network), [1, 2, 3],
            [new TensorSpec("x", "FP32", [-1, 4])], [new TensorSpec("y", "FP32", [1, 2])], ["no", "yes"]);
        using MemoryStream file = new();
        SealedModelFile.Write(file, card, owner, weights);
        return (card, file.ToArray());
    }
}
