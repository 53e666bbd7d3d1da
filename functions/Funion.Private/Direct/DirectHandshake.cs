using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Network;
using Funion.Private.Protocol;

namespace Funion.Private.Direct;

/// <summary>
/// The direct channel: a line on which nobody can pose as the provider, or change or read what it carries, whatever carries it. It is authenticated by the
/// provider's identity key, which the network document names; the client stays without a name, and shows its address. TLS below it is welcome and proves
/// nothing here: a front end that ends it is not the provider.
/// <code>
/// hello      = "FUNION2D" 8 ‖ version 1 ‖ KEM key of the client 32                                         client → provider
/// proof      = KEM ciphertext 32 ‖ Ed25519(identity, "funion-direct-channel-v1" ‖ node id 32 ‖ hello ‖ ciphertext) 64       provider → client
/// secret     = the KEM's, for the context node id
/// keys       = HKDF-BLAKE2b(secret, BLAKE2b-256(hello ‖ proof), "funion-direct-channel-v1 client" or "… server")
/// </code>
/// The client's key is fresh, so a proof is of this connection and nothing recorded opens later. The signature comes before anything is derived from the
/// ciphertext. Each direction is a <see cref="SealedStream"/> under a key of its own.
/// <list type="bullet">
/// <item>References: SIGMA (Krawczyk, CRYPTO 2003), with one side signing, as in TLS 1.3; the KEM binds ciphertext, key and context.</item>
/// </list>
/// </summary>
public static class DirectHandshake
{
    const byte Version = 1;

    static readonly Kem s_kem = Kem.X25519;

    static ReadOnlySpan<byte> Magic => "FUNION2D"u8;

    static ReadOnlySpan<byte> Label => "funion-direct-channel-v1"u8;

    static int HelloSize => Magic.Length + 1 + s_kem.PublicKeySize;

    static int ProofSize => s_kem.CiphertextSize + Ed25519.SignatureSize;

    /// <summary>Greets a provider.</summary>
    /// <param name="line">Owned by the sealed stream if there is one.</param>
    /// <param name="provider">Of the network document.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async ValueTask<(DirectOutcome Outcome, SealedStream? Stream)> GreetAsync(Stream line, NodeDescriptor provider, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(provider);
        using SecretBytes key = new(s_kem.PrivateKeySize);
        byte[] hello = new byte[HelloSize], proof = new byte[ProofSize];
        Magic.CopyTo(hello);
        hello[Magic.Length] = Version;
        s_kem.GenerateKeyPair(key.Span, hello.AsSpan(Magic.Length + 1));
        if (!await TryWriteAsync(line, hello, cancellation) || !await TryReadAsync(line, proof, cancellation))
        {
            return (DirectOutcome.Closed, null);
        }
        ReadOnlyMemory<byte> ciphertext = proof.AsMemory(0, s_kem.CiphertextSize);
        if (!Ed25519.Verify(provider.IdentityKey, Signed(provider.Id, hello, ciphertext.Span), proof.AsSpan(s_kem.CiphertextSize)))
        {
            return (DirectOutcome.NotTheProvider, null);
        }
        using SecretBytes secret = new(Kem.SharedSecretSize);
        return s_kem.Decapsulate(key.Span, hello.AsSpan(Magic.Length + 1), ciphertext.Span, provider.Id.AsSpan(), secret.Span)
            ? (DirectOutcome.Ok, Seal(line, secret, hello, proof, client: true))
            : (DirectOutcome.Malformed, null);
    }

    /// <summary>Answers a client.</summary>
    /// <param name="line">Owned by the sealed stream if there is one.</param>
    /// <param name="id">The provider's.</param>
    /// <param name="seed">Of its identity key.</param>
    /// <param name="identityKey">The public half.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async ValueTask<(DirectOutcome Outcome, SealedStream? Stream)> AnswerAsync(
        Stream line, NodeId id, SecretBytes seed, byte[] identityKey, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentNullException.ThrowIfNull(identityKey);
        byte[] hello = new byte[HelloSize], proof = new byte[ProofSize];
        if (!await TryReadAsync(line, hello, cancellation))
        {
            return (DirectOutcome.Closed, null);
        }
        if (!hello.AsSpan().StartsWith(Magic) || hello[Magic.Length] != Version)
        {
            return (DirectOutcome.Malformed, null);
        }
        using SecretBytes secret = new(Kem.SharedSecretSize);
        if (!s_kem.Encapsulate(hello.AsSpan(Magic.Length + 1), id.AsSpan(), proof.AsSpan(0, s_kem.CiphertextSize), secret.Span))
        {
            return (DirectOutcome.Malformed, null);
        }
        Ed25519.Sign(seed.Span, identityKey, Signed(id, hello, proof.AsSpan(0, s_kem.CiphertextSize)), proof.AsSpan(s_kem.CiphertextSize));
        return await TryWriteAsync(line, proof, cancellation)
            ? (DirectOutcome.Ok, Seal(line, secret, hello, proof, client: false))
            : (DirectOutcome.Closed, null);
    }

    internal static async ValueTask<bool> TryWriteAsync(Stream line, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await line.WriteAsync(bytes, cancellation);
            return true;
        }
        catch (Exception gone) when (BrokenLine.Is(gone))
        {
            return false;
        }
    }

    internal static async ValueTask<bool> TryReadAsync(Stream line, Memory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            return await line.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation) == bytes.Length;
        }
        catch (Exception gone) when (BrokenLine.Is(gone))
        {
            return false;
        }
    }

    static byte[] Signed(NodeId id, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> ciphertext) => [.. Label, .. id.AsSpan(), .. hello, .. ciphertext];

    static SealedStream Seal(Stream line, SecretBytes secret, ReadOnlySpan<byte> hello, ReadOnlySpan<byte> proof, bool client)
    {
        Span<byte> salt = stackalloc byte[Blake2b.Size256], ofClient = stackalloc byte[SealedStream.KeySize], ofServer = stackalloc byte[SealedStream.KeySize];
        Blake2b.Hash256(hello, proof, salt);
        HkdfBlake2b.DeriveKey(secret.Span, salt, "funion-direct-channel-v1 client"u8, ofClient);
        HkdfBlake2b.DeriveKey(secret.Span, salt, "funion-direct-channel-v1 server"u8, ofServer);
        SealedStream stream = client ? new SealedStream(line, ofClient, ofServer) : new SealedStream(line, ofServer, ofClient);
        CryptographicOperations.ZeroMemory(ofClient);
        CryptographicOperations.ZeroMemory(ofServer);
        return stream;
    }
}
