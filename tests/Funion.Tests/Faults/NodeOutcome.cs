namespace Funion.Tests.Faults;

/// <summary>What became of one message at one node, as others and the node's own store and queues show it.</summary>
/// <param name="Operations">The operations of its ports, in order.</param>
/// <param name="Sent">What left the node or waits for a slot to leave, each thing once however often it was said.</param>
/// <param name="Copies">Messages that left, copies too.</param>
/// <param name="Stored">What lies in its store.</param>
/// <param name="Dropped">Messages that were dropped and counted: late, refused, or after too many attempts.</param>
/// <param name="Left">Messages that still lie on a queue which the node works off.</param>
sealed record NodeOutcome(
    IReadOnlyList<string> Operations, IReadOnlySet<string> Sent, int Copies, IReadOnlySet<string> Stored, long Dropped, int Left);
