using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Network;

namespace Funion.Sphinx;

/// <summary>
/// What a hop and the author derive from their shared secret, in one expansion:
/// <code>
/// MAC key 32 ‖ header stream key 32 ‖ header stream IV 16 ‖ payload key 32 ‖ payload tweak 32 ‖ replay tag 32
/// </code>
/// Each key serves one packet, so the fixed tweak and IV repeat under no key.
/// </summary>
ref struct HopSecrets
{
    const int Size = 32 + 32 + 16 + 32 + 32 + 32;

    Storage _storage;

    /// <summary>Derives from a shared secret of 32 bytes.</summary>
    public HopSecrets(scoped ReadOnlySpan<byte> sharedSecret)
    {
        Span<byte> prk = stackalloc byte[HkdfBlake2b.PseudorandomKeySize];
        prk.Clear();
        // The KEM's output is uniform already: expansion alone, keyed with it.
        sharedSecret.CopyTo(prk);
        HkdfBlake2b.Expand(prk, "funion-sphinx-hop-v1"u8, All);
        CryptographicOperations.ZeroMemory(prk);
    }

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> MacKey => Bytes[..32];

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> StreamKey => Bytes.Slice(32, 32);

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> StreamIv => Bytes.Slice(64, 16);

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> PayloadKey => Bytes.Slice(80, 32);

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> PayloadTweak => Bytes.Slice(112, 32);

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> ReplayTag => Bytes.Slice(144, 32);

    /// <summary>What binds a shared secret to its hop: epoch i64 BE ‖ node 32.</summary>
    public static void WriteContext(Span<byte> context, NodeId node, long epoch)
    {
        BinaryPrimitives.WriteInt64BigEndian(context, epoch);
        node.AsSpan().CopyTo(context[sizeof(long)..]);
    }

    public const int ContextSize = sizeof(long) + NodeId.Size;

    public void Clear() => CryptographicOperations.ZeroMemory(All);

    [UnscopedRef]
    Span<byte> All => MemoryMarshal.CreateSpan(ref Unsafe.As<Storage, byte>(ref _storage), Size);

    [UnscopedRef]
    readonly ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(in Unsafe.As<Storage, byte>(ref Unsafe.AsRef(in _storage)), Size);

    [InlineArray(Size)]
    struct Storage
    {
        byte _first;
    }
}
