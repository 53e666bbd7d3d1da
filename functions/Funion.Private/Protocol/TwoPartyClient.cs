using System.Buffers;
using Funion.Private.Garbling;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Private.Protocol;

/// <summary>
/// The side that has an input. It knows the architecture and no weights; it learns the output, and the server nothing of either. It garbles, so that a
/// server that cheats learns nothing more.
/// <list type="bullet">
/// <item>References: Delphi (Mishra and others, USENIX Security 2020), section 4, for the phases; Cheetah (Huang and others, 2022) for linear layers.</item>
/// </list>
/// </summary>
public sealed class TwoPartyClient
{
    readonly ProtocolPlan _plan;

    /// <summary>A client of one architecture.</summary>
    public TwoPartyClient(IntegerNetwork architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        _plan = new ProtocolPlan(architecture.WithoutWeights());
    }

    TwoPartyClient(ProtocolPlan plan) => _plan = plan;

    internal ProtocolPlan Plan => _plan;

    /// <summary>The architecture that it speaks of.</summary>
    public IntegerNetwork Network => _plan.Network;

    /// <summary>Bytes of the offline phase.</summary>
    public ProtocolSizes Offline(TransferKind transfer) => ProtocolSizes.Offline(_plan, transfer);

    /// <summary>Bytes of the online phase.</summary>
    public ProtocolSizes Online => ProtocolSizes.Online(_plan);

    /// <summary>A client of an architecture that somebody else wrote.</summary>
    /// <param name="architecture">Its bytes.</param>
    /// <param name="promised">The digest that it must have.</param>
    /// <param name="client">For <see cref="ArchitectureOutcome.Ok"/>.</param>
    public static ArchitectureOutcome TryCreate(ReadOnlySpan<byte> architecture, Bytes32 promised, out TwoPartyClient? client)
    {
        client = null;
        if (ArchitectureFormat.Digest(architecture) != promised)
        {
            return ArchitectureOutcome.WrongDigest;
        }
        ArchitectureOutcome outcome = ArchitectureReader.TryRead(architecture, out IntegerNetwork? network);
        if (outcome != ArchitectureOutcome.Ok)
        {
            return outcome;
        }
        try
        {
            client = new TwoPartyClient(new ProtocolPlan(network!));
            return ArchitectureOutcome.Ok;
        }
        catch (ArgumentException)
        {
            // Its shapes are sound; what laying them out comes to is only known by doing it.
            return ArchitectureOutcome.Unsuitable;
        }
    }

    /// <summary>The offline phase: everything that does not need the input. Material for one input, or why not.</summary>
    public async ValueTask<(ProtocolOutcome Outcome, ClientMaterial? Material)> PrepareAsync(
        MessageChannel channel, TransferKind transfer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        channel.Phase = ProtocolPhase.Offline;
        using ClientPreparation preparation = new(_plan, channel, transfer, cancellation);
        return await preparation.RunAsync();
    }

    /// <summary>
    /// The online phase. The material is gone whatever comes of it, but for <see cref="ProtocolOutcome.WrongChannel"/>, with which nothing was sent.
    /// </summary>
    public async ValueTask<(ProtocolOutcome Outcome, RingTensor? Output)> RunAsync(
        MessageChannel channel, ClientMaterial material, RingTensor input, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(material);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Modulus, _plan.Network.Modulus);
        ArgumentOutOfRangeException.ThrowIfNotEqual(input.Shape, _plan.Network.Input);
        if (material.Plan.Digest != _plan.Digest)
        {
            return (ProtocolOutcome.WrongModel, null);
        }
        if (material.Channel != channel.Kind)
        {
            return (ProtocolOutcome.WrongChannel, null);
        }
        if (!material.Take())
        {
            return (ProtocolOutcome.Spent, null);
        }
        using (material)
        {
            channel.Phase = ProtocolPhase.Online;
            ProtocolOutcome outcome = await AskAsync(channel, material, input, cancellation);
            for (int i = 0; outcome == ProtocolOutcome.Done && i < _plan.Network.Layers.Count; i++)
            {
                outcome = await AnswerAsync(channel, material, i, cancellation);
                outcome = outcome == ProtocolOutcome.Done ? await SquareAsync(channel, material, i, cancellation) : outcome;
            }
            return outcome == ProtocolOutcome.Done ? await OpenAsync(channel, material, cancellation) : (outcome, null);
        }
    }

    async ValueTask<ProtocolOutcome> AskAsync(MessageChannel channel, ClientMaterial material, RingTensor input, CancellationToken cancellation)
    {
        Offer offer = new(
            Offer.CurrentVersion, ProtocolPhase.Online, (byte)_plan.Network.Modulus.Bits, material.Transfer, channel.Kind, _plan.Digest, material.Session);
        ProtocolOutcome outcome = await channel.SendAsync(MessageKind.Offer, offer.ToBytes(), cancellation);
        outcome = outcome == ProtocolOutcome.Done ? await channel.SendAsync(MessageKind.Input, input.Minus(material.Mask).ToBytes(), cancellation) : outcome;
        return outcome == ProtocolOutcome.Done ? await Accepted.ReceiveAsync(channel, new byte[ProtocolPlan.AcceptSize], cancellation) : outcome;
    }

    /// <summary>The labels of one non-linear layer.</summary>
    ValueTask<ProtocolOutcome> AnswerAsync(MessageChannel channel, ClientMaterial material, int layer, CancellationToken cancellation) =>
        AnswerAsync(channel, [.. _plan.BatchesOf(layer).ToArray().Select(batch => (batch.Geometry, material.Batches[batch.Number]))], cancellation);

    static async ValueTask<ProtocolOutcome> AnswerAsync(
        MessageChannel channel, (GarblingGeometry Geometry, GarblerBatch Garbled)[] batches, CancellationToken cancellation)
    {
        byte[][] asked = [.. batches.Select(batch => new byte[batch.Geometry.RequestSize])];
        foreach (byte[] request in asked)
        {
            ProtocolOutcome outcome = await channel.ReceiveAsync(MessageKind.Ask, request, cancellation);
            if (outcome != ProtocolOutcome.Done)
            {
                return outcome;
            }
        }
        for (int i = 0; i < batches.Length; i++)
        {
            int size = batches[i].Geometry.ReplySize;
            byte[] labels = ArrayPool<byte>.Shared.Rent(size);
            ProtocolOutcome outcome = batches[i].Garbled.Answer(asked[i], labels.AsSpan(0, size)) == GarblingOutcome.Taken
                ? await channel.SendAsync(MessageKind.Labels, labels.AsMemory(0, size), cancellation)
                : channel.Fail(ProtocolOutcome.Malformed);
            ArrayPool<byte>.Shared.Return(labels);
            if (outcome != ProtocolOutcome.Done)
            {
                return outcome;
            }
        }
        return ProtocolOutcome.Done;
    }

    /// <summary>One quadratic layer: labels of its cut, if it cuts, and then its squares.</summary>
    async ValueTask<ProtocolOutcome> SquareAsync(MessageChannel channel, ClientMaterial material, int layer, CancellationToken cancellation)
    {
        QuadraticBatch[] batches = _plan.QuadraticsOf(layer).ToArray();
        if (batches is [{ Garbling: not null }, ..])
        {
            ProtocolOutcome cut = await AnswerAsync(channel, [.. batches.Select(batch => (batch.Garbling!, material.Quadratics[batch.Index].Garbled!))], cancellation);
            if (cut != ProtocolOutcome.Done)
            {
                return cut;
            }
        }
        Modulus modulus = _plan.Network.Modulus;
        ulong[][] words = [.. batches.Select(batch => new ulong[batch.Count])];
        for (int i = 0; i < batches.Length; i++)
        {
            byte[] opened = new byte[batches[i].WordsSize];
            ProtocolOutcome outcome = await channel.ReceiveAsync(MessageKind.Opened, opened, cancellation);
            if (outcome != ProtocolOutcome.Done)
            {
                return outcome;
            }
            if (!BitPacking.TryRead(opened, modulus.Bits, words[i]))
            {
                return channel.Fail(ProtocolOutcome.Malformed);
            }
        }
        for (int i = 0; i < batches.Length; i++)
        {
            QuadraticPart<GarblerBatch> part = material.Quadratics[batches[i].Index];
            byte[] answer = new byte[batches[i].WordsSize];
            batches[i].Answer(part.Values, part.Squares, words[i]);
            part.Dispose();
            BitPacking.Write(words[i], modulus.Bits, answer);
            ProtocolOutcome outcome = await channel.SendAsync(MessageKind.Squares, answer, cancellation);
            if (outcome != ProtocolOutcome.Done)
            {
                return outcome;
            }
        }
        return ProtocolOutcome.Done;
    }

    async ValueTask<(ProtocolOutcome Outcome, RingTensor? Output)> OpenAsync(MessageChannel channel, ClientMaterial material, CancellationToken cancellation)
    {
        Modulus modulus = _plan.Network.Modulus;
        byte[] result = new byte[modulus.ByteSize(_plan.Network.Output.Count)];
        ProtocolOutcome outcome = await channel.ReceiveAsync(MessageKind.Result, result, cancellation);
        if (outcome != ProtocolOutcome.Done)
        {
            return (outcome, null);
        }
        return RingTensor.TryRead(modulus, _plan.Network.Output, result) is { } share
            ? (outcome, share.Plus(material.Output))
            : (channel.Fail(ProtocolOutcome.Malformed), null);
    }
}
