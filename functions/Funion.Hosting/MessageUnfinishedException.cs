namespace Funion.Hosting;

/// <summary>Tells a host to deliver a message again. Says nothing of the message: hosts log what they catch.</summary>
public sealed class MessageUnfinishedException() : Exception("A message is not finished, and must come again.");
