namespace Funion.Network;

/// <summary>One authority's signature.</summary>
/// <param name="Key">The authority's Ed25519 key, 32 bytes.</param>
/// <param name="Signature">64 bytes.</param>
public sealed record DocumentSignature(byte[] Key, byte[] Signature);
