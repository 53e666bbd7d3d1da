using Funion.Client;
using Funion.Network;
using Funion.Pigeonhole;
using Funion.Roles;

namespace Funion.Cli.Anonymity.Simulation;

/// <summary>
/// Box operations over a sender, after <see cref="PigeonholeClient"/>: each is an envelope through a courier that is drawn once, acknowledged, asked for again
/// until its answer comes; reads and writes alike.
/// </summary>
/// <param name="world">The network.</param>
/// <param name="client">The sender.</param>
/// <param name="first">Before everything else that waits there for a slot.</param>
sealed class SimBoxes(World world, SimClient client, bool first = false)
{
    const int MostExchanges = 24;

    public Task WriteAsync(SimBox box, bool tombstone = false, Action<SimEnvelope>? sealing = null) =>
        ExchangeAsync(box, tombstone ? BoxAct.Delete : BoxAct.Write, sealing);

    /// <summary>Reads; that there is none is believed when so many pairs of replicas say so.</summary>
    public async Task<ReplicaError> ReadAsync(SimBox box, int absences = 2, Action<SimEnvelope>? sealing = null)
    {
        ReplicaError? answer = null;
        for (int absent = 0; absent < absences; absent++)
        {
            answer = await ExchangeAsync(box, BoxAct.Read, sealing);
            if (answer != ReplicaError.BoxIdNotFound)
            {
                break;
            }
        }
        return answer ?? ReplicaError.InternalError;
    }

    /// <summary>Reads a box that will be there, again after each pause, until it is or was deleted, or it is time to give up.</summary>
    public async Task<ReplicaError> AwaitAsync(SimBox box, TimeSpan pause, DateTimeOffset giveUp)
    {
        while (true)
        {
            ReplicaError answer = await ReadAsync(box, absences: 1);
            if (answer is ReplicaError.None or ReplicaError.Tombstone || world.Events.Now + pause >= giveUp)
            {
                return answer;
            }
            await world.Events.DelayAsync(pause);
        }
    }

    async Task<ReplicaError?> ExchangeAsync(SimBox box, BoxAct act, Action<SimEnvelope>? sealing)
    {
        NodeDescriptor courier = world.Couriers.Count == 1 ? world.Document.Couriers[0] : _couriers[world.Random.Below(_couriers.Length)];
        int one = world.Random.Below(world.Replicas.Count), other = world.Random.Below(world.Replicas.Count - 1);
        SimEnvelope envelope = new(box, act, one, other >= one ? other + 1 : other);
        sealing?.Invoke(envelope);
        ServiceAddress service = new(courier, ServiceNames.Courier);
        for (int exchange = 0; exchange < MostExchanges; exchange++)
        {
            bool answered = (bool)(await client.RequestAsync(service, envelope, first))!;
            if (answered)
            {
                return envelope.Answers[0] ?? envelope.Answers[1];
            }
            if (act != BoxAct.Read && !world.Protections.EqualExchanges)
            {
                return ReplicaError.None;
            }
            if (exchange > 0)
            {
                await world.Events.DelayAsync(world.Document.Rates.MeanDelay * Math.Min(exchange, 8));
            }
        }
        return null;
    }

    readonly NodeDescriptor[] _couriers = [.. world.Document.Couriers];
}
