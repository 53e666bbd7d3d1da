using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Networks;

namespace Funion.Private.Enclaves;

/// <summary>
/// What the owner of a model does, once: checks the evidence, encrypts the weights under the model's key, seals the rest for the enclave. Weights go to the cloud's storage
/// as they are.
/// <code>
/// sealed to the enclave = signature 64 ‖ SHA-256 of all encrypted weights 32 ‖ network with biases
/// </code>
/// </summary>
public sealed class ModelOwner : IDisposable
{
    /// <summary>Bytes before the network.</summary>
    public const int HeaderSize = Ed25519.SignatureSize + Bytes32.Size;

    readonly SecretBytes _seed = new(Ed25519.SeedSize);

    /// <summary>An owner with a fresh key.</summary>
    public ModelOwner()
    {
        Span<byte> key = stackalloc byte[Ed25519.PublicKeySize];
        Ed25519.GenerateKeyPair(_seed.Span, key);
        Key = new Bytes32(key);
    }

    /// <summary>An owner with a key that is kept.</summary>
    public ModelOwner(ReadOnlySpan<byte> seed)
    {
        seed.CopyTo(_seed.Span);
        Span<byte> key = stackalloc byte[Ed25519.PublicKeySize];
        Ed25519.PublicKey(_seed.Span, key);
        Key = new Bytes32(key);
    }

    /// <summary>Ed25519: what the policy names.</summary>
    public Bytes32 Key { get; }

    /// <summary>What a signature of the owner is over.</summary>
    public static byte[] Signed(in Bytes32 model, ReadOnlySpan<byte> body) => [.. "funion-enclave-provision-v1"u8, .. model.AsSpan(), .. body];

    /// <summary>What a sealed message to an enclave says beside its content.</summary>
    public static byte[] Info(in Bytes32 model) => [.. "funion-enclave-provision-v1"u8, .. model.AsSpan()];

    /// <summary>
    /// Encrypts the weights of a hidden model, and seals the rest. The caller has verified evidence for <paramref name="enclave"/>, and that its policy is the owner's own.
    /// </summary>
    /// <param name="network">With weights.</param>
    /// <param name="enclave">Whom to seal for; its policy and key are those of the model.</param>
    /// <param name="publicKey">Of the model; empty in the open variant, where weights stay as they are.</param>
    /// <param name="write">Takes the ciphertexts of weights, in order.</param>
    public byte[] Seal(IntegerNetwork network, EnclaveIdentity enclave, ReadOnlySpan<byte> publicKey, Action<byte[]> write)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(enclave);
        ArgumentNullException.ThrowIfNull(write);
        if (EnclaveIdentity.KeyDigest(publicKey) != enclave.ModelKey)
        {
            throw new CryptographicException("The public key is not the one that the enclave vouches for.");
        }
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (!publicKey.IsEmpty)
        {
            Encrypt(network, publicKey, ciphertext =>
            {
                hash.AppendData(ciphertext);
                write(ciphertext);
            });
        }
        Bytes32 model = enclave.Model();
        byte[] body = [.. hash.GetHashAndReset(), .. NetworkCode.ToBytes(network.WithBiases())], signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_seed.Span, Key.AsSpan(), Signed(model, body), signature);
        byte[] message = [.. signature, .. body], sealedMessage = new byte[message.Length + SealedBox.Overhead];
        SealedBox.Seal(enclave.SealingKey.AsSpan(), Info(model), message, sealedMessage);
        return sealedMessage;
    }

    /// <summary>A signature of the owner's. The message begins with a label that nothing else begins with.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> message)
    {
        byte[] signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_seed.Span, Key.AsSpan(), message, signature);
        return signature;
    }

    /// <inheritdoc/>
    public void Dispose() => _seed.Dispose();

    static void Encrypt(IntegerNetwork network, ReadOnlySpan<byte> publicKey, Action<byte[]> write)
    {
        HiddenParameters parameters = new(network.Modulus);
        if (HiddenPublicKey.TryRead(parameters, publicKey, out HiddenPublicKey? key) != LatticeOutcome.Ok)
        {
            throw new CryptographicException("The enclave's public key is none.");
        }
        foreach (LinearLayer layer in network.Layers.OfType<LinearLayer>())
        {
            key!.Encrypt(new HiddenLayout(parameters, layer.Shape, layer.WeightBound), layer.Weights, write);
        }
    }
}
