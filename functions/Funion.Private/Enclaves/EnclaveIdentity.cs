using System.Buffers.Binary;
using Funion.Cryptography;

namespace Funion.Private.Enclaves;

/// <summary>
/// What evidence of an enclave is about. Its digest is what the platform signs beside the measurement of the code.
/// <code>
/// identity = signing key 32 ‖ sealing key 32 ‖ code 32 ‖ policy 32 ‖ model's public key, hashed 32 ‖ counter 8 ‖ nonce 32
/// </code>
/// </summary>
/// <param name="SigningKey">Ed25519: of receipts.</param>
/// <param name="SealingKey">X25519: what is sealed to it only this enclave opens.</param>
/// <param name="Code">Hash of the code, as the platform measured it.</param>
/// <param name="Policy">Digest of the model's policy; zeros without a model.</param>
/// <param name="ModelKey">BLAKE2b-256 of the model's public key; zeros without one.</param>
/// <param name="Counter">Changes of state so far.</param>
/// <param name="Nonce">Of whoever asked for evidence.</param>
public sealed record EnclaveIdentity(Bytes32 SigningKey, Bytes32 SealingKey, Bytes32 Code, Bytes32 Policy, Bytes32 ModelKey, ulong Counter, Bytes32 Nonce)
{
    /// <summary>Length in bytes.</summary>
    public const int Size = (6 * Bytes32.Size) + 8;

    /// <summary>The bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] counter = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(counter, Counter);
        return [.. SigningKey.AsSpan(), .. SealingKey.AsSpan(), .. Code.AsSpan(), .. Policy.AsSpan(), .. ModelKey.AsSpan(), .. counter, .. Nonce.AsSpan()];
    }

    /// <summary>Reads an identity; null for another length.</summary>
    public static EnclaveIdentity? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            return null;
        }
        Bytes32[] parts = new Bytes32[5];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = new Bytes32(bytes.Slice(i * Bytes32.Size, Bytes32.Size));
        }
        return new EnclaveIdentity(
            parts[0], parts[1], parts[2], parts[3], parts[4], BinaryPrimitives.ReadUInt64LittleEndian(bytes[160..]), new Bytes32(bytes[168..]));
    }

    /// <summary>What the platform signs: BLAKE2b-256 of the bytes.</summary>
    public Bytes32 Digest() => Hash("funion-enclave-identity-v1"u8, ToBytes());

    /// <summary>The name of the model with this policy and public key.</summary>
    public Bytes32 Model() => Hash("funion-enclave-model-v1"u8, [.. Policy.AsSpan(), .. ModelKey.AsSpan()]);

    /// <summary>BLAKE2b-256 of a public key.</summary>
    public static Bytes32 KeyDigest(ReadOnlySpan<byte> publicKey) => Hash("funion-enclave-model-key-v1"u8, publicKey);

    static Bytes32 Hash(ReadOnlySpan<byte> label, ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Bytes32.Size];
        Blake2b.Hash256(label, bytes, hash);
        return new Bytes32(hash);
    }
}
