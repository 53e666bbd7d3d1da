using System.Buffers.Binary;
using Funion.Mixing;
using Funion.Network;

namespace Funion.Roles;

/// <summary>
/// Draws the next window's slots of every process of a node and puts one token each on the node's own queue. A timer calls it in the cloud, a process
/// steps it; between two calls nothing of it needs to run. What lies before now is never made up for: a Poisson process has no memory, and a burst
/// would tell of the pause.
/// </summary>
/// <param name="sources">The node's processes.</param>
/// <param name="store">Remembers up to when slots are drawn.</param>
/// <param name="queue">The node's queues.</param>
/// <param name="window">How far ahead to draw.</param>
/// <param name="lead">How early a token may appear, for a queue that is polled: it is held until it is due.</param>
/// <param name="random">Draws.</param>
/// <param name="time">Clock.</param>
public sealed class SlotDrawer(
    IReadOnlyList<SlotSource> sources, BoxStore store, PacketQueue queue, TimeSpan window, TimeSpan lead, RandomSource random, TimeProvider time) : Actor
{
    /// <summary>Where a node remembers up to when it has drawn.</summary>
    public const string Shelf = "slots";

    const int AtOnce = 16;

    static readonly StoreKey s_drawn = new(Shelf, 0, "0");

    /// <inheritdoc/>
    public override async ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        if (sources.All(source => source.Mean == Timeout.InfiniteTimeSpan))
        {
            return DateTimeOffset.MaxValue;
        }
        try
        {
            return await DrawAsync(cancellation) - (window / 2);
        }
        catch (PortUnavailableException)
        {
            return time.GetUtcNow() + TimeSpan.FromSeconds(1);
        }
    }

    /// <summary>Draws what is missing of the window from now on; gives its end.</summary>
    public async ValueTask<DateTimeOffset> DrawAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow(), until = now + window;
        StoredValue? stored = await store.GetAsync(s_drawn, cancellation);
        DateTimeOffset drawn = stored is { Value.Length: sizeof(long) }
            ? DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(stored.Value.Span))
            : now;
        // A clock that was set back must not stop the cover.
        DateTimeOffset from = drawn < now || drawn > until ? now : drawn;
        List<SlotToken> tokens = [];
        foreach (SlotSource source in sources.Where(source => source.Mean != Timeout.InfiniteTimeSpan))
        {
            for (DateTimeOffset due = from + random.Exponential(source.Mean); due <= until; due += random.Exponential(source.Mean))
            {
                tokens.Add(new SlotToken(due, source.Kind, source.Peer));
            }
        }
        // A broker that is slow must not make the last ones late, so the first due come first, and some at a time.
        foreach (SlotToken[] some in tokens.OrderBy(token => token.Due).Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(token => EnqueueAsync(token, cancellation)));
        }
        // After the tokens: cut off in between, a part of the window has twice its slots, whatever waits; the other order would leave a gap.
        byte[] value = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(value, until.ToUnixTimeMilliseconds());
        PutOutcome put = stored is null
            ? await store.PutIfAbsentAsync(s_drawn, value, cancellation)
            : await store.ReplaceIfUnchangedAsync(s_drawn, value, stored.Version, cancellation);
        return put == PutOutcome.Full ? now + window : until;
    }

    async Task EnqueueAsync(SlotToken token, CancellationToken cancellation)
    {
        TimeSpan delay = token.Due - time.GetUtcNow() - lead;
        await queue.EnqueueAsync(QueueNames.Slots, token.ToBytes(), delay > TimeSpan.Zero ? delay : TimeSpan.Zero, cancellation);
    }
}
