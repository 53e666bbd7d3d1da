using System.Collections.Immutable;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tests.Faults;

/// <summary>A node just before it takes a message: the message, and all that lies in its store and waits on its queues.</summary>
sealed record Moment(
    string Node, NodeRole Role, string Queue, byte[] Message, DateTimeOffset At,
    ImmutableSortedDictionary<(string Shelf, long Epoch), ImmutableSortedDictionary<string, StoredValue>> Store,
    ImmutableSortedDictionary<string, ImmutableSortedDictionary<(long VisibleAt, long Number), QueuedMessage>> Queues);
