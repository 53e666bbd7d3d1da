using System.Collections;
using Azure.Messaging.ServiceBus;

namespace Funion.Storage;

/// <summary>
/// One message as the client takes it, without trace context. The client writes <c>Diagnostic-Id</c> and <c>traceparent</c> into what it is given whenever an
/// Activity is current or somebody listens to it, and has no switch for that. So each enumeration makes another message: the one that
/// is written to is not the one that is sent.
/// </summary>
sealed class UntracedMessage(ReadOnlyMemory<byte> body, TimeSpan delay, TimeSpan timeToLive) : IReadOnlyCollection<ServiceBusMessage>
{
    // Random, and the same for every try: a queue that detects duplicates drops the second copy of a try, and never another message.
    readonly string _id = Guid.NewGuid().ToString("n");
    readonly DateTimeOffset? _visible = delay > TimeSpan.Zero ? DateTimeOffset.UtcNow + delay : null;

    public int Count => 1;

    public IEnumerator<ServiceBusMessage> GetEnumerator()
    {
        // The time to live is longer by the delay, for the documents do not say from which end of it the broker counts.
        ServiceBusMessage message = new(body) { MessageId = _id, TimeToLive = timeToLive + delay };
        if (_visible is { } visible)
        {
            message.ScheduledEnqueueTime = visible;
        }
        yield return message;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
