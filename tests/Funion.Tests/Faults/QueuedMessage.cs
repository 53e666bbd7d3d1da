namespace Funion.Tests.Faults;

/// <summary>A message on a <see cref="RewindableQueue"/> and how often it was delivered.</summary>
sealed record QueuedMessage(byte[] Bytes, int Attempt);
