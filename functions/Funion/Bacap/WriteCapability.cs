using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Bacap;

/// <summary>
/// Writes a stream from an index on. 168 bytes: seed 32 ‖ root public key 32 ‖ index 104. Sealing is deterministic, so a box can be sealed again after
/// a crash and gives the same bytes.
/// <code>
/// S_ctx = S_root · f(K_ctx)    ciphertext = AES-256-GCM-SIV(E_ctx, nonce box id[0:12], aad box id, plaintext)    signature = Sign(S_ctx, ciphertext)
/// </code>
/// The nonce is fixed because the key is used for one box. References: Echomix (arXiv 2501.02933), section 4.
/// </summary>
public sealed class WriteCapability
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 64 + MessageBoxIndex.Size;

    const string Prefix = "funion-write-";

    // Pinned: a collection that moves it would leave a copy behind.
    readonly byte[] _seed = GC.AllocateUninitializedArray<byte>(Ed25519.SeedSize, pinned: true);

    readonly ReadCapability _read;

    bool _wiped;

    WriteCapability(ReadOnlySpan<byte> seed, ReadCapability read)
    {
        seed.CopyTo(_seed);
        _read = read;
    }

    internal ReadOnlySpan<byte> Seed => _seed;

    /// <summary>What nobody wiped is wiped when nobody holds it any more.</summary>
    ~WriteCapability() => Wipe();

    /// <summary>The first index that it can write.</summary>
    public MessageBoxIndex First => _read.First;

    /// <summary>A fresh stream.</summary>
    public static WriteCapability Create()
    {
        Span<byte> seed = stackalloc byte[Ed25519.SeedSize];
        byte[] root = new byte[Ed25519.PublicKeySize];
        Ed25519.GenerateKeyPair(seed, root);
        WriteCapability fresh = new(seed, new ReadCapability(root, MessageBoxIndex.CreateRandom()));
        CryptographicOperations.ZeroMemory(seed);
        return fresh;
    }

    /// <summary>Reads 168 bytes; false for another length, or a public half that is not the seed's.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out WriteCapability? capability)
    {
        capability = null;
        if (bytes.Length != Size)
        {
            return false;
        }
        Span<byte> root = stackalloc byte[Ed25519.PublicKeySize];
        Ed25519.PublicKey(bytes[..Ed25519.SeedSize], root);
        if (CryptographicOperations.FixedTimeEquals(root, bytes.Slice(Ed25519.SeedSize, Ed25519.PublicKeySize))
            && MessageBoxIndex.TryParse(bytes[64..], out MessageBoxIndex? first))
        {
            capability = new WriteCapability(bytes[..Ed25519.SeedSize], new ReadCapability(root.ToArray(), first));
        }
        return capability is not null;
    }

    /// <summary>Reads the text form of <see cref="ToSecretString"/>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out WriteCapability? capability)
    {
        capability = null;
        return CapabilityText.TryParse(Prefix, text, Size) is { } bytes && TryParse(bytes, out capability);
    }

    /// <summary>The 168 bytes. The caller wipes them.</summary>
    public byte[] ToBytes()
    {
        ObjectDisposedException.ThrowIf(_wiped, this);
        byte[] bytes = new byte[Size];
        _seed.CopyTo(bytes, 0);
        _read.ToBytes().CopyTo(bytes, Ed25519.SeedSize);
        GC.KeepAlive(this);
        return bytes;
    }

    /// <summary>Wipes the secret: nothing can be written with this any more. What <see cref="At"/> gave is another capability.</summary>
    public void Wipe()
    {
        _wiped = true;
        CryptographicOperations.ZeroMemory(_seed);
    }

    /// <summary>The text form: whoever has it can write and delete.</summary>
    public string ToSecretString() => CapabilityText.Format(Prefix, ToBytes());

    /// <summary>Not the capability, which must not be printed by accident.</summary>
    public override string ToString() => Prefix + "(secret)";

    /// <summary>What a reader needs.</summary>
    public ReadCapability ToReadCapability() => _read;

    /// <summary>The same stream from a later index on.</summary>
    public WriteCapability At(MessageBoxIndex index)
    {
        ObjectDisposedException.ThrowIf(_wiped, this);
        WriteCapability later = new(_seed, _read.At(index));
        GC.KeepAlive(this);
        return later;
    }

    /// <summary>Seals a plaintext into the box at an index.</summary>
    public Box Seal(MessageBoxIndex index, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plaintext)
    {
        ArgumentNullException.ThrowIfNull(index);
        byte[] ciphertext = new byte[plaintext.Length + Box.Overhead];
        Span<byte> scalar = stackalloc byte[BlindedEd25519.Size];
        Span<byte> key = stackalloc byte[AesGcmSiv.KeySize];
        try
        {
            BoxId id = BlindRoot(index, context, scalar);
            index.EncryptionKeyFor(context, key);
            AesGcmSiv.Encrypt(key, id.AsSpan()[..AesGcmSiv.NonceSize], id.AsSpan(), plaintext, ciphertext);
            return Sign(id, scalar, ciphertext);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The tombstone of the box at an index: a signature over nothing.</summary>
    public Box Tombstone(MessageBoxIndex index, ReadOnlySpan<byte> context)
    {
        ArgumentNullException.ThrowIfNull(index);
        Span<byte> scalar = stackalloc byte[BlindedEd25519.Size];
        try
        {
            return Sign(BlindRoot(index, context, scalar), scalar, []);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    static Box Sign(BoxId id, ReadOnlySpan<byte> scalar, byte[] ciphertext)
    {
        byte[] signature = new byte[Box.SignatureSize];
        BlindedEd25519.Sign(scalar, id.AsSpan(), ciphertext, signature);
        return new Box(id, ciphertext, signature);
    }

    // A writer knows the private scalar: the box id is its multiple of the base point, much cheaper than blinding the root's public key.
    BoxId BlindRoot(MessageBoxIndex index, ReadOnlySpan<byte> context, Span<byte> scalar)
    {
        Span<byte> factor = stackalloc byte[BlindedEd25519.Size];
        Span<byte> root = stackalloc byte[BlindedEd25519.Size];
        Span<byte> id = stackalloc byte[BoxId.Size];
        ObjectDisposedException.ThrowIf(_wiped, this);
        index.BlindingFactorFor(context, factor);
        BlindedEd25519.PrivateScalar(_seed, root);
        // The finalizer wipes what is read here.
        GC.KeepAlive(this);
        BlindedEd25519.BlindPrivateScalar(root, factor, scalar);
        BlindedEd25519.PublicKey(scalar, id);
        CryptographicOperations.ZeroMemory(factor);
        CryptographicOperations.ZeroMemory(root);
        return new BoxId(id);
    }
}
