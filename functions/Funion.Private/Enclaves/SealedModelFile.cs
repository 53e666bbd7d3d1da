using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Private.Enclaves;

/// <summary>
/// A hidden model as its owner hands it to a provider: everything in it is encrypted, sealed to one enclave, or public; the owner signs all of it.
/// <code>
/// file = "funion-sealed-model-v1\n" ‖ length of card 4 ‖ card (<see cref="SealedModelCard"/>) ‖ Ed25519 signature 64 ‖ ciphertexts of weights, one after another
/// </code>
/// The signature is the policy's owner's, over the card, which names the SHA-256 of the ciphertexts. They stay in the file and are read one at a time.
/// </summary>
public sealed class SealedModelFile
{
    /// <summary>Longest card.</summary>
    public const int MaxCard = 1 << 20;

    readonly Func<Stream> _open;
    readonly long _weightsAt;
    readonly CloudModel _sizes;

    SealedModelFile(Func<Stream> open, SealedModelCard card, long weightsAt, CloudModel sizes) => (_open, Card, _weightsAt, _sizes) = (open, card, weightsAt, sizes);

    /// <summary>What is public of the model, and what is sealed for the enclave.</summary>
    public SealedModelCard Card { get; }

    static ReadOnlySpan<byte> Magic => "funion-sealed-model-v1\n"u8;

    static ReadOnlySpan<byte> Label => "funion-sealed-model-card-v1"u8;

    /// <summary>Writes a file.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="card">With the hash of the ciphertexts.</param>
    /// <param name="owner">Signs.</param>
    /// <param name="weights">The ciphertexts.</param>
    public static void Write(Stream stream, SealedModelCard card, ModelOwner owner, IEnumerable<byte[]> weights)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(card);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(weights);
        byte[] body = card.ToJson(), length = new byte[4];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, MaxCard);
        BinaryPrimitives.WriteInt32LittleEndian(length, body.Length);
        stream.Write(Magic);
        stream.Write(length);
        stream.Write(body);
        stream.Write(owner.Sign([.. Label, .. body]));
        foreach (byte[] ciphertext in weights)
        {
            stream.Write(ciphertext);
        }
    }

    /// <summary>Reads a file: its card, whose signature is verified, and whether there are as many ciphertexts as the architecture takes. Null when it is none.</summary>
    /// <param name="open">Opens it, once for the card and again whenever the ciphertexts are read.</param>
    public static SealedModelFile? TryOpen(Func<Stream> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        using Stream file = open();
        byte[] header = new byte[Magic.Length + 4];
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !header.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(Magic.Length)) is var length && length is < 0 or > MaxCard)
        {
            return null;
        }
        byte[] card = new byte[length], signature = new byte[Ed25519.SignatureSize];
        if (file.ReadAtLeast(card, length, throwOnEndOfStream: false) < length || file.ReadAtLeast(signature, signature.Length, throwOnEndOfStream: false) < signature.Length
            || SealedModelCard.TryParse(card) is not { } read || !Ed25519.Verify(read.Policy.Owner.AsSpan(), [.. Label, .. card], signature) || read.TryMakeCloud() is not { } sizes
            || file.Length - file.Position != sizes.WeightBytes)
        {
            return null;
        }
        return new SealedModelFile(open, read, file.Position, sizes);
    }

    /// <summary>The ciphertexts, read from the file as they are asked for.</summary>
    public IEnumerable<byte[]> Weights()
    {
        using Stream file = _open();
        file.Position = _weightsAt;
        foreach (int size in _sizes.WeightSizes)
        {
            byte[] ciphertext = new byte[size];
            file.ReadExactly(ciphertext);
            yield return ciphertext;
        }
    }

    /// <summary>Whether the ciphertexts are those that the owner signed.</summary>
    public bool HoldsItsWeights()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] ciphertext in Weights())
        {
            hash.AppendData(ciphertext);
        }
        return CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), Card.Weights.AsSpan());
    }
}
