namespace Funion.Network;

/// <summary>
/// Who signs, as the document itself says. Information for an operator: what counts is the client's pin, <see cref="TrustedAuthorities"/>.
/// </summary>
/// <param name="Threshold">k of n.</param>
/// <param name="Keys">Ed25519, 32 bytes each.</param>
public sealed record AuthoritySet(int Threshold, IReadOnlyList<byte[]> Keys);
