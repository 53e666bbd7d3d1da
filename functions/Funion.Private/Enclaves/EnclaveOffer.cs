using System.Buffers.Binary;

namespace Funion.Private.Enclaves;

/// <summary>What an enclave offers the owner of a model: a key drawn for that model, its own identity, evidence for both.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Identity">With the digests of policy and key.</param>
/// <param name="PublicKey">Under which weights are encrypted; empty in the open variant.</param>
/// <param name="Evidence">For the identity.</param>
public sealed record EnclaveOffer(Bytes32 Model, EnclaveIdentity Identity, byte[] PublicKey, byte[] Evidence)
{
    /// <summary>Reads the body of <see cref="EnclaveMessage.Created"/>; null when it contradicts itself.</summary>
    public static EnclaveOffer? TryRead(ReadOnlySpan<byte> bytes)
    {
        const int start = Bytes32.Size + EnclaveIdentity.Size;
        if (bytes.Length < start + 4 || EnclaveIdentity.TryRead(bytes[Bytes32.Size..start]) is not { } identity)
        {
            return null;
        }
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[start..]);
        if (length < 0 || length > bytes.Length - start - 4)
        {
            return null;
        }
        EnclaveOffer offer = new(new Bytes32(bytes[..Bytes32.Size]), identity, bytes.Slice(start + 4, length).ToArray(), bytes[(start + 4 + length)..].ToArray());
        return offer.Model == identity.Model() && EnclaveIdentity.KeyDigest(offer.PublicKey) == identity.ModelKey ? offer : null;
    }
}
