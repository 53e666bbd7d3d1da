using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Funion.Network;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Protocol;

namespace Funion.Cli.Enclaves;

/// <summary>
/// A model whose owner is the process that starts the enclave. It lies in the enclave's folder as any owner's does, so that the next process goes on with the same model, the same
/// identity, and the questions that are under way. The owner's key is of one moment: nothing else is ever signed with it.
/// </summary>
static class OwnModel
{
    /// <summary>Provides it, or goes on with it where the enclave has it.</summary>
    /// <exception cref="InvalidOperationException">The enclave refuses.</exception>
    public static OfferedModel Provide(EnclaveHost host, EnclaveFolder folder, string name, IntegerNetwork network)
    {
        string called = HashOf(name, network), path = folder.OwnFileOf(called);
        if (File.Exists(path) && SealedModelFile.TryOpen(() => File.OpenRead(path)) is { } kept && kept.Card.Name == called && kept.HoldsItsWeights()
            && kept.Card.TryMakeCloud() is { } known && host.Attach(known, kept.Weights) == EnclaveRefusal.None)
        {
            return OfferedModel.Of(kept.Card, known);
        }
        using ModelOwner owner = new();
        EnclavePolicy policy = new(network.Modulus.Bits, owner.Key, int.MaxValue, [], []);
        EnclaveOffer offer = host.Create(policy) ?? throw new InvalidOperationException(
            $"The enclave draws no key: it has as many models as it takes. A new one is made when {folder.Path} is removed.");
        List<byte[]> weights = [];
        byte[] provision = owner.Seal(network, offer.Identity, offer.PublicKey, weights.Add);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        weights.ForEach(hash.AppendData);
        SealedModelCard card = new(
            called, offer.Model, policy, new Bytes32(hash.GetHashAndReset()), ArchitectureFormat.ToBytes(network), provision,
            [new TensorSpec("input", "FP32", [network.Input.Count])], [new TensorSpec("output", "FP32", [network.Output.Count])], []);
        CloudModel cloud = new(offer.Model, network.WithoutWeights(), isHidden: true);
        string fresh = path + ".new";
        using (FileStream stream = File.Create(fresh))
        {
            SealedModelFile.Write(stream, card, owner, weights);
            stream.Flush(flushToDisk: true);
        }
        // In its place before the enclave knows it: a file that no enclave takes is written anew, and one that is missing would leave its model behind.
        File.Move(fresh, path, overwrite: true);
        SealedModelFile file = SealedModelFile.TryOpen(() => File.OpenRead(path)) ?? throw new InvalidOperationException($"The model {name} is larger than an enclave takes.");
        EnclaveRefusal refused = host.Provide(cloud, provision, file.Weights);
        return refused == EnclaveRefusal.None ? OfferedModel.Of(card, cloud) : throw new InvalidOperationException($"The enclave refuses the model {name}: {RefusalText.Of(refused)}.");
    }

    /// <summary>SHA-256 of a name, an architecture, weights and biases: another file under the same name is another model.</summary>
    static string HashOf(string name, IntegerNetwork network)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        hash.AppendData(SHA256.HashData(ArchitectureFormat.ToBytes(network)));
        foreach (LinearLayer layer in network.Layers.OfType<LinearLayer>())
        {
            hash.AppendData(MemoryMarshal.AsBytes(layer.Weights.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(layer.Bias.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
