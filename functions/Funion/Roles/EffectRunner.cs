using System.Diagnostics;
using System.Security.Cryptography;
using Funion.Network;

namespace Funion.Roles;

/// <summary>Carries out a role's <see cref="Work"/> over the node's two ports. The only code that turns effects into operations.</summary>
/// <param name="store">The node's own store.</param>
/// <param name="queue">The node's own queues.</param>
/// <param name="send">Hands a message to another node's queue: within one tenant its queue itself, between operators a signed hop.</param>
public sealed class EffectRunner(
    BoxStore store, PacketQueue queue, Func<NodeId, string, ReadOnlyMemory<byte>, CancellationToken, ValueTask> send)
{
    /// <summary>Passes the gate, then does the effects in order. Throws what the ports throw; the caller abandons the delivery then.</summary>
    public async ValueTask<GateOutcome> RunAsync(Work work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(work);
        GateOutcome outcome = work.Gate is { } gate ? await PassAsync(gate, cancellation) : GateOutcome.Opened;
        if (outcome == GateOutcome.Full && !work.Gate!.AnswersFull)
        {
            throw Full();
        }
        foreach (Effect effect in work.Effects(outcome))
        {
            await DoAsync(effect, cancellation);
        }
        return outcome;
    }

    async ValueTask<GateOutcome> PassAsync(Gate gate, CancellationToken cancellation)
    {
        if (gate.First is { } first && await PassAsync(first, cancellation) is var before and not (GateOutcome.Opened or GateOutcome.Reopened))
        {
            return before;
        }
        if (gate.Overwrite)
        {
            return await OverwriteAsync(gate.Key, gate.Value, cancellation);
        }
        while (true)
        {
            PutOutcome put = await store.PutIfAbsentAsync(gate.Key, gate.Value, cancellation);
            if (put == PutOutcome.Created)
            {
                return GateOutcome.Opened;
            }
            StoredValue? there = await store.GetAsync(gate.Key, cancellation);
            if (there is not null && gate.Replaces?.Invoke(there.Value) == true)
            {
                if (await store.ReplaceIfUnchangedAsync(gate.Key, gate.Value, there.Version, cancellation) == PutOutcome.Created)
                {
                    return GateOutcome.Opened;
                }
                continue;
            }
            if (there is not null)
            {
                return CryptographicOperations.FixedTimeEquals(there.Value.Span, gate.Value.Span) ? GateOutcome.Reopened : GateOutcome.Closed;
            }
            if (put == PutOutcome.Full)
            {
                return GateOutcome.Full;
            }
            // Deleted between the two operations: try again.
        }
    }

    async ValueTask<GateOutcome> OverwriteAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        while (true)
        {
            StoredValue? there = await store.GetAsync(key, cancellation);
            if (there is not null && there.Value.Span.SequenceEqual(value.Span))
            {
                return GateOutcome.Reopened;
            }
            PutOutcome put = there is null
                ? await store.PutIfAbsentAsync(key, value, cancellation)
                : await store.ReplaceIfUnchangedAsync(key, value, there.Version, cancellation);
            if (put != PutOutcome.Exists)
            {
                return put == PutOutcome.Created ? GateOutcome.Opened : GateOutcome.Full;
            }
        }
    }

    /// <summary>As when the store is away: what is unfinished comes again, and by then something may have gone with its epoch.</summary>
    static PortUnavailableException Full() => new("The store is full.");

    async ValueTask DoAsync(Effect effect, CancellationToken cancellation)
    {
        switch (effect)
        {
            case Effect.Put put:
                if (await store.PutIfAbsentAsync(put.Key, put.Value, cancellation) == PutOutcome.Full && !put.IfRoom)
                {
                    throw Full();
                }
                break;
            case Effect.Overwrite overwrite:
                if (await OverwriteAsync(overwrite.Key, overwrite.Value, cancellation) == GateOutcome.Full)
                {
                    throw Full();
                }
                break;
            case Effect.Delete delete:
                await store.DeleteAsync(delete.Key, cancellation);
                break;
            case Effect.Enqueue enqueue:
                await queue.EnqueueAsync(enqueue.Queue, enqueue.Message, enqueue.Delay, cancellation);
                break;
            case Effect.Complete complete:
                await queue.CompleteAsync(complete.Delivery, cancellation);
                break;
            case Effect.Send message:
                await send(message.To, message.Queue, message.Message, cancellation);
                break;
            default:
                throw new UnreachableException();
        }
    }
}
