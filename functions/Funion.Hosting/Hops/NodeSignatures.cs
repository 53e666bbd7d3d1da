namespace Funion.Hosting.Hops;

/// <summary>Signs a message with the node's identity key, Ed25519; 64 bytes. The apps give NSec's, a process libsodium's own.</summary>
public delegate void NodeSigner(ReadOnlySpan<byte> message, Span<byte> signature);

/// <summary>Verifies a node's Ed25519 signature.</summary>
public delegate bool NodeVerifier(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
