using Funion.Bacap;
using Funion.Network;

namespace Funion.Client;

/// <summary>
/// Reads the messages of a stream in order, across crashes: where it is lies in a file, and moves on when the caller says that a message is done with.
/// <code>
/// file: position 240
/// </code>
/// </summary>
public sealed class BoxStreamReader
{
    readonly string _file;
    readonly PigeonholeClient _boxes;
    readonly ReadCapability _capability;
    MessageBoxIndex _next;

    BoxStreamReader(string file, PigeonholeClient boxes, ReadCapability capability, MessageBoxIndex next)
    {
        _file = file;
        _boxes = boxes;
        _capability = capability;
        _next = next;
    }

    /// <summary>How many messages are done with.</summary>
    public ulong Count => _next.Index - _capability.First.Index;

    /// <summary>Goes on where the file says; begins at the capability's first box when there is no such file.</summary>
    /// <exception cref="IOException">The file cannot be read, is damaged, is readable by others, or is another stream's.</exception>
    public static BoxStreamReader Open(string file, ReadCapability capability, PigeonholeClient boxes)
    {
        ArgumentNullException.ThrowIfNull(capability);
        ArgumentNullException.ThrowIfNull(boxes);
        (ReadCapability Capability, MessageBoxIndex Next)? state = null;
        KeyFileOutcome outcome = SecretFile.Read(file, body => (state = StreamPosition.TryParseRead(body.Span)) is not null);
        if (outcome == KeyFileOutcome.Missing && !File.Exists(file))
        {
            state = (capability, capability.First);
        }
        return state is { } found && found.Capability.Equals(capability)
            ? new BoxStreamReader(file, boxes, found.Capability, found.Next)
            : throw new IOException("The file is not this stream's position.");
    }

    /// <summary>
    /// The next message, the same one until <see cref="Advance"/>: <see cref="BoxStatus.Ok"/> with its data, <see cref="BoxStatus.Tombstone"/> when it was
    /// deleted, <see cref="BoxStatus.NotFound"/> when it is not there yet, or what went wrong.
    /// </summary>
    public Task<BoxResult> ReadAsync(CancellationToken cancellation = default) => _boxes.ReadAsync(_capability, _next, cancellation);

    /// <summary>Done with a message: the file says so before this returns.</summary>
    public void Advance()
    {
        if (!_next.TryNext(out MessageBoxIndex? next))
        {
            throw new InvalidOperationException("The stream has no further box.");
        }
        SecretFile.Write(_file, StreamPosition.ToBytes(_capability, next));
        _next = next;
    }
}
