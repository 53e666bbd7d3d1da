using System.Buffers.Binary;
using Funion.Cryptography;

namespace Funion.Private.Enclaves;

/// <summary>
/// An enclave's word for one answer: which code ran which model on which question, and how many changes of state came before. Of a hidden model that covers every
/// product of the cloud's, for each was checked. Counters of one enclave only grow: whoever sees one twice, or a smaller one later, knows that it was rolled back.
/// <code>
/// receipt = model 32 ‖ query 32 ‖ BLAKE2b-256 of the sealed answer 32 ‖ code 32 ‖ counter 8 ‖ Ed25519 signature 64
/// </code>
/// </summary>
public sealed record EnclaveReceipt(Bytes32 Model, Bytes32 Query, Bytes32 Answer, Bytes32 Code, ulong Counter)
{
    /// <summary>Length in bytes, with the signature.</summary>
    public const int Size = (4 * Bytes32.Size) + 8 + Ed25519.SignatureSize;

    static ReadOnlySpan<byte> Label => "funion-enclave-receipt-v1"u8;

    /// <summary>The bytes with a signature.</summary>
    public byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey)
    {
        byte[] counter = new byte[8], signature = new byte[Ed25519.SignatureSize];
        BinaryPrimitives.WriteUInt64LittleEndian(counter, Counter);
        byte[] body = [.. Model.AsSpan(), .. Query.AsSpan(), .. Answer.AsSpan(), .. Code.AsSpan(), .. counter];
        Ed25519.Sign(seed, publicKey, [.. Label, .. body], signature);
        return [.. body, .. signature];
    }

    /// <summary>Reads a receipt that this key signed; null for anything else.</summary>
    public static EnclaveReceipt? TryRead(ReadOnlySpan<byte> bytes, in Bytes32 signingKey)
    {
        if (bytes.Length != Size || !Ed25519.Verify(signingKey.AsSpan(), [.. Label, .. bytes[..^Ed25519.SignatureSize]], bytes[^Ed25519.SignatureSize..]))
        {
            return null;
        }
        Bytes32[] parts = new Bytes32[4];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = new Bytes32(bytes.Slice(i * Bytes32.Size, Bytes32.Size));
        }
        return new EnclaveReceipt(parts[0], parts[1], parts[2], parts[3], BinaryPrimitives.ReadUInt64LittleEndian(bytes[128..]));
    }

    /// <summary>Hash of a sealed answer.</summary>
    public static Bytes32 Hash(ReadOnlySpan<byte> sealedAnswer)
    {
        Span<byte> hash = stackalloc byte[Bytes32.Size];
        Blake2b.Hash256(sealedAnswer, hash);
        return new Bytes32(hash);
    }
}
