using System.Security.Cryptography;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>The side that has the weights: takes offers on a channel, one after the other, for as long as the client keeps to the protocol.</summary>
/// <param name="model">Shared by all servers.</param>
/// <param name="reserve">A place for material, before anything is done for it; null when there is none. What is kept in it is there before the client hears so.</param>
/// <param name="take">Gives the material of a session and deletes it wherever it was kept, first; null when there is none.</param>
public sealed class TwoPartyServer(ServerModel model, Func<MaterialPlace?> reserve, Func<Bytes32, ServerMaterial?> take)
{
    /// <summary>Serves until the client leaves (<see cref="ProtocolOutcome.Closed"/>) or does what it must not. The caller closes the channel.</summary>
    public async ValueTask<ProtocolOutcome> ServeAsync(MessageChannel channel, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ProtocolOutcome outcome = ProtocolOutcome.Done;
        while (outcome == ProtocolOutcome.Done)
        {
            outcome = await ServeOneAsync(channel, cancellation);
        }
        return outcome;
    }

    /// <summary>One offer.</summary>
    internal async ValueTask<ProtocolOutcome> ServeOneAsync(MessageChannel channel, CancellationToken cancellation)
    {
        byte[] first = new byte[Offer.Size];
        ProtocolOutcome outcome = await channel.ReceiveAsync(MessageKind.Offer, first, cancellation);
        if (outcome != ProtocolOutcome.Done)
        {
            return outcome;
        }
        if (Offer.TryRead(first) is not { } offer)
        {
            return channel.Fail(ProtocolOutcome.Malformed);
        }
        outcome = Judge(offer, channel);
        // What follows an offer of ours is read before it is refused: a line that is closed over unread bytes may lose the refusal. After one that begins a
        // line's base nothing does.
        bool offline = offer.Phase == ProtocolPhase.Offline;
        channel.Phase = offer.Phase;
        byte[] second = new byte[offline ? model.Plan.KeysSize(line: offer.Base > 0) : model.Plan.Network.Modulus.ByteSize(model.Plan.Network.Input.Count)];
        if (offer.Base != 1 && outcome is not (ProtocolOutcome.WrongVersion or ProtocolOutcome.WrongModel or ProtocolOutcome.WrongParameters))
        {
            ProtocolOutcome received = await channel.ReceiveAsync(offline ? MessageKind.Keys : MessageKind.Input, second, cancellation);
            if (received != ProtocolOutcome.Done)
            {
                return received;
            }
        }
        if (outcome != ProtocolOutcome.Done)
        {
            return await RefuseAsync(channel, outcome, cancellation);
        }
        return offline ? await ReserveAsync(channel, offer, second, cancellation) : await RunAsync(channel, offer, second, cancellation);
    }

    ProtocolOutcome Judge(Offer offer, MessageChannel channel) =>
        offer.Version != Offer.CurrentVersion ? ProtocolOutcome.WrongVersion
        : offer.Bits != model.Plan.Network.Modulus.Bits ? ProtocolOutcome.WrongParameters
        : offer.Architecture != model.Plan.Digest ? ProtocolOutcome.WrongModel
        : offer.Channel != channel.Kind ? ProtocolOutcome.WrongChannel
        : offer.Base != 0 && (channel.Kind != ChannelKind.Direct || offer.Base != channel.NextOnBase) ? ProtocolOutcome.WrongBase : ProtocolOutcome.Done;

    async ValueTask<ProtocolOutcome> ReserveAsync(MessageChannel channel, Offer offer, byte[] keys, CancellationToken cancellation)
    {
        using MaterialPlace? place = reserve();
        return place is null
            ? await RefuseAsync(channel, ProtocolOutcome.Full, cancellation)
            : await PrepareAsync(channel, offer, keys, place, cancellation);
    }

    async ValueTask<ProtocolOutcome> PrepareAsync(MessageChannel channel, Offer offer, byte[] keys, MaterialPlace place, CancellationToken cancellation)
    {
        using ServerPreparation preparation = new(model, channel, offer, cancellation);
        (ProtocolOutcome outcome, ServerMaterial? material) = await preparation.RunAsync(keys);
        if (material is null)
        {
            return outcome;
        }
        if (place.TryKeep(material))
        {
            return await channel.SendAsync(MessageKind.Prepared, ReadOnlyMemory<byte>.Empty, cancellation);
        }
        material.Dispose();
        return channel.Fail(ProtocolOutcome.Full);
    }

    async ValueTask<ProtocolOutcome> RunAsync(MessageChannel channel, Offer offer, byte[] input, CancellationToken cancellation)
    {
        if (RingTensor.TryRead(model.Plan.Network.Modulus, model.Plan.Network.Input, input) is not { } masked)
        {
            return await RefuseAsync(channel, ProtocolOutcome.Malformed, cancellation);
        }
        using ServerMaterial? material = take(offer.Name);
        ProtocolOutcome outcome = material is null ? ProtocolOutcome.UnknownSession
            : material.Plan.Digest != model.Plan.Digest || material.Session != offer.Name ? ProtocolOutcome.WrongSession
            : material.Channel != channel.Kind ? ProtocolOutcome.WrongChannel
            : material.Take() ? ProtocolOutcome.Done : ProtocolOutcome.Spent;
        if (outcome != ProtocolOutcome.Done)
        {
            return await RefuseAsync(channel, outcome, cancellation);
        }
        byte[] accept = [0, .. RandomNumberGenerator.GetBytes(Bytes32.Size)];
        outcome = await channel.SendAsync(MessageKind.Accept, accept, cancellation);
        return outcome == ProtocolOutcome.Done ? await new ServerEvaluation(model.Plan, channel, material!, cancellation).RunAsync(masked) : outcome;
    }

    static async ValueTask<ProtocolOutcome> RefuseAsync(MessageChannel channel, ProtocolOutcome why, CancellationToken cancellation)
    {
        byte[] refusal = new byte[ProtocolPlan.AcceptSize];
        refusal[0] = (byte)why;
        await channel.SendAsync(MessageKind.Accept, refusal, cancellation);
        return channel.Fail(why);
    }
}
