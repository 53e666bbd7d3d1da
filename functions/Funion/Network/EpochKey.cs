namespace Funion.Network;

/// <summary>A public key of 32 bytes and the one epoch it serves.</summary>
public sealed record EpochKey(long Epoch, byte[] PublicKey);
