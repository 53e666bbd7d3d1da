using Funion.Bacap;
using Funion.Cryptography;
using Funion.Mixing;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Roles;

/// <summary>
/// A replica: stores boxes that their writers signed, answers reads, deletes on a writer's tombstone. As an intermediate it may hold the box or not;
/// if not, it asks one that does, so the courier cannot tell which is which. A shard that takes a write hands it to the other shard.
/// </summary>
public sealed class ReplicaRole
{
    /// <summary>Shelf of the boxes, by replica epoch. Blob name = box id in hex.</summary>
    public const string Shelf = "boxes";

    readonly NetworkDocument _document;
    readonly PigeonholeGeometry _geometry;
    readonly ReplicaKeyring _keys;
    readonly ReplicaBoxes _boxes;
    readonly ShardMap _shards;
    readonly RandomSource _random, _replyDraws;
    readonly TimeProvider _time;

    /// <summary>Makes the role of the node whose keys these are.</summary>
    /// <param name="document">The network.</param>
    /// <param name="keys">This node's.</param>
    /// <param name="store">Its boxes.</param>
    /// <param name="random">Draws.</param>
    /// <param name="time">Clock.</param>
    /// <param name="replyDraws">Draws of reply times, where a test seeds them.</param>
    public ReplicaRole(
        NetworkDocument document, ReplicaKeyring keys, BoxStore store, RandomSource random, TimeProvider time, RandomSource? replyDraws = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        _document = document;
        _geometry = new PigeonholeGeometry(document.Geometry.UserPayload);
        _keys = keys;
        _boxes = new ReplicaBoxes(document, _geometry, store, time);
        _shards = new ShardMap(document);
        _random = random;
        _replyDraws = replyDraws ?? random;
        _time = time;
    }

    /// <summary>Takes a message from <c>replica-in</c>.</summary>
    public async ValueTask<Work> HandleAsync(Delivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        if (ReplicaCommand.TryParse(_geometry, delivery.Message) is not { } command
            || _document.Node(command.From) is not { Role: NodeRole.Courier or NodeRole.Replica } peer)
        {
            return Work.None;
        }
        Work work = command.Kind switch
        {
            ReplicaCommandKind.Envelope => await OnEnvelopeAsync(command, cancellation),
            ReplicaCommandKind.Proxied => await OnProxiedAsync(command, cancellation),
            ReplicaCommandKind.ProxyAnswer => await OnProxyAnswerAsync(command, cancellation),
            ReplicaCommandKind.Replicate => await OnReplicateAsync(command, cancellation),
            _ => Work.None,
        };
        return command.IsReply ? work : WithReply(work, peer);
    }

    /// <summary>One reply to every command, whatever it is and whatever became of it.</summary>
    Work WithReply(Work work, NodeDescriptor peer)
    {
        TimeSpan delay = Rates.Mean(_document.Rates.LinkPerKilosecond) * _replyDraws.NextDouble();
        SlotToken token = new(_time.GetUtcNow() + delay, SlotKind.Reply, peer.Id);
        Effect reply = new Effect.Enqueue(QueueNames.Slots, token.ToBytes(), delay);
        return work with { Effects = outcome => [.. work.Effects(outcome), reply] };
    }

    async ValueTask<Work> OnEnvelopeAsync(ReplicaCommand command, CancellationToken cancellation)
    {
        if (_document.Node(command.From)?.Role != NodeRole.Courier || _keys.Find(command.ReplicaEpoch) is null)
        {
            return Work.None;
        }
        if (Open(command) is not { } request)
        {
            return Work.Of(ToCourier(command, new ReplicaAnswer(true, ReplicaError.InvalidPayload, null), forCopy: false, askedTwice: false));
        }
        Func<ReplicaAnswer, IReadOnlyList<Effect>> reply = answer => ToCourier(command, answer, request.ForCopy, askedTwice: false);
        (NodeDescriptor first, NodeDescriptor second) = _shards.ShardsOf(request.Id);
        bool ours = first.Id == _keys.Self || second.Id == _keys.Self;
        NodeDescriptor other = first.Id == _keys.Self ? second : first;
        if (!ours)
        {
            // The second of the client's intermediates draws for itself, so the two often ask different shards.
            NodeDescriptor asked = _random.Below(2) == 0 ? first : second;
            return Work.Of(Ask(command, request, asked, isLast: false));
        }
        if (request.Write is { } box)
        {
            return await _boxes.StoreAsync(box, reply, _ => Replicate(box, other), cancellation);
        }
        ReplicaAnswer answer = await _boxes.ReadAsync(request.Id, cancellation);
        // A copy that is missing or damaged here may be whole there.
        return answer.Error is ReplicaError.BoxIdNotFound or ReplicaError.DatabaseFailure
            ? Work.Of(Ask(command, request, other, isLast: true))
            : Work.Of(reply(answer));
    }

    async ValueTask<Work> OnProxiedAsync(ReplicaCommand command, CancellationToken cancellation)
    {
        if (_document.Node(command.From)?.Role != NodeRole.Replica || _keys.Find(command.ReplicaEpoch) is null)
        {
            return Work.None;
        }
        Func<ReplicaAnswer, IReadOnlyList<Effect>> reply = answer => ToProxy(command, answer);
        if (Open(command) is not { } request)
        {
            return Work.Of(reply(new ReplicaAnswer(true, ReplicaError.InvalidPayload, null)));
        }
        (NodeDescriptor first, NodeDescriptor second) = _shards.ShardsOf(request.Id);
        if (first.Id != _keys.Self && second.Id != _keys.Self)
        {
            return Work.Of(reply(new ReplicaAnswer(request.Write is not null, ReplicaError.InternalError, null)));
        }
        NodeDescriptor other = first.Id == _keys.Self ? second : first;
        return request.Write is { } box
            ? await _boxes.StoreAsync(box, reply, _ => Replicate(box, other), cancellation)
            : Work.Of(reply(await _boxes.ReadAsync(request.Id, cancellation)));
    }

    async ValueTask<Work> OnProxyAnswerAsync(ReplicaCommand command, CancellationToken cancellation)
    {
        if (_keys.TryOpen(command.Ticket.Span) is not { } ticket
            || _document.Replicas.ElementAtOrDefault(ticket.Asked) is not { } asked || asked.Id != command.From
            || !asked.TryGetKey(ticket.ReplicaEpoch, out byte[]? askedKey))
        {
            return Work.None;
        }
        byte[] bytes = new byte[_geometry.ReplySize];
        ReplicaAnswer answer = Mkem.OpenReply(ticket.PrivateKey.Span, askedKey, command.Body.Span, bytes)
            && ReplicaAnswer.TryParse(bytes) is { } opened
            ? opened
            : new ReplicaAnswer(ticket.IsWrite, ReplicaError.InternalError, null);
        ReplicaCommand original = new(
            ReplicaCommandKind.Envelope, ticket.Courier, ticket.ReplicaEpoch, ticket.Hash, ticket.Index, ticket.ClientKey, default, default, default);
        if (!ticket.IsWrite && !ticket.IsLast && (answer.Error is ReplicaError.BoxIdNotFound or ReplicaError.DatabaseFailure))
        {
            (NodeDescriptor first, NodeDescriptor second) = _shards.ShardsOf(ticket.Box);
            return Work.Of(Ask(original, ReplicaRequest.Read(ticket.Box), first == asked ? second : first, isLast: true));
        }
        Effect[] reply = ToCourier(original, answer, ticket.ForCopy, askedTwice: ticket.IsLast);
        return !ticket.IsWrite && ticket.IsLast && answer.Box is { } box && box.Id == ticket.Box
            ? await RepairAsync(box, asked, reply, cancellation)
            : Work.Of(reply);
    }

    /// <summary>The shard that was asked first did not have the box, or had it damaged, and the other did: it gets it.</summary>
    async ValueTask<Work> RepairAsync(Box box, NodeDescriptor holder, Effect[] reply, CancellationToken cancellation)
    {
        if (!box.IsTombstone && box.Ciphertext.Length != _geometry.BoxCiphertextSize || !Box.Verify(box.Id, box.Ciphertext.Span, box.Signature.Span))
        {
            return Work.Of(reply);
        }
        (NodeDescriptor first, NodeDescriptor second) = _shards.ShardsOf(box.Id);
        NodeDescriptor missed = first.Id == holder.Id ? second : first;
        // The reader's answer does not wait for it, nor fail with it.
        return missed.Id == _keys.Self
            ? await _boxes.StoreAsync(box, _ => reply, _ => null, cancellation)
            : Work.Of([.. reply, Replicate(box, missed)]);
    }

    async ValueTask<Work> OnReplicateAsync(ReplicaCommand command, CancellationToken cancellation)
    {
        if (_document.Node(command.From)?.Role != NodeRole.Replica
            || StoredBox.TryRead(new BoxId(command.Body.Span[..BoxId.Size]), command.Body) is not { } box)
        {
            return Work.None;
        }
        (NodeDescriptor first, NodeDescriptor second) = _shards.ShardsOf(box.Id);
        return first.Id == _keys.Self || second.Id == _keys.Self
            ? await _boxes.StoreAsync(box, _ => [], _ => null, cancellation)
            : Work.None;
    }

    ReplicaRequest? Open(ReplicaCommand command)
    {
        byte[] inner = new byte[_geometry.InnerSize];
        return Mkem.Open(_keys.Find(command.ReplicaEpoch)!.Span, command.EphemeralKey.Span, command.Dek.Span, command.Body.Span, inner)
            ? ReplicaRequest.TryParse(inner)
            : null;
    }

    Effect[] Ask(ReplicaCommand original, ReplicaRequest request, NodeDescriptor shard, bool isLast)
    {
        if (!shard.TryGetKey(original.ReplicaEpoch, out byte[]? key))
        {
            return ToCourier(original, new ReplicaAnswer(request.Write is not null, ReplicaError.InvalidEpoch, null), request.ForCopy, askedTwice: false);
        }
        using MkemSealed asked = Mkem.Seal(key, key, request.ToBytes(_geometry));
        ProxyTicket ticket = new(
            original.From, original.Tag, original.Index, original.ReplicaEpoch, original.EphemeralKey, asked.EphemeralPrivateKey.Span.ToArray(),
            (byte)shard.Index, isLast, request.Write is not null, request.Id, request.ForCopy);
        ReplicaCommand command = new(
            ReplicaCommandKind.Proxied, _keys.Self, original.ReplicaEpoch, default, 0, asked.EphemeralPublicKey, asked.Dek1,
            _keys.Seal(ticket), asked.Ciphertext);
        return [PacedLinks.Say(shard, command.ToBytes(_geometry))];
    }

    Effect Replicate(Box box, NodeDescriptor other)
    {
        ReplicaCommand command = new(ReplicaCommandKind.Replicate, _keys.Self, 0, default, 0, default, default, default, StoredBox.ToBytes(box));
        return PacedLinks.Say(other, command.ToBytes(_geometry));
    }

    /// <summary>
    /// What was found at the first shard waits as long as asking the second would have taken: a read of what is nowhere asks both, and a courier must not tell it
    /// by its time.
    /// </summary>
    Effect[] ToCourier(ReplicaCommand command, ReplicaAnswer answer, bool forCopy, bool askedTwice) => SealAnswer(command, answer) is { } sealedAnswer
        ? [PacedLinks.Answer(
            _document.Node(command.From)!,
            new CourierInbound(new EnvelopeHash(command.Tag.AsSpan()), command.Index, sealedAnswer, forCopy ? AcceptOf(answer) : CopyAccept.NotAsked).ToBytes(_geometry),
            askedTwice ? TimeSpan.Zero : PacedLinks.RoundTrip(_document, _random))]
        : [];

    Effect[] ToProxy(ReplicaCommand command, ReplicaAnswer answer) => SealAnswer(command, answer) is { } sealedAnswer
        ? [PacedLinks.Answer(
            _document.Node(command.From)!,
            new ReplicaCommand(
                ReplicaCommandKind.ProxyAnswer, _keys.Self, command.ReplicaEpoch, default, 0, default, default, command.Ticket,
                sealedAnswer).ToBytes(_geometry))]
        : [];

    /// <summary>What may pass is not said: the courier asks again.</summary>
    static CopyAccept AcceptOf(ReplicaAnswer answer) => answer.Error switch
    {
        ReplicaError.None => CopyAccept.Taken,
        ReplicaError.DatabaseFailure or ReplicaError.InternalError or ReplicaError.ReplicationFailed => CopyAccept.NotAsked,
        _ => CopyAccept.Refused,
    };

    byte[]? SealAnswer(ReplicaCommand command, ReplicaAnswer answer)
    {
        byte[] sealedAnswer = new byte[_geometry.SealedReplySize];
        return _keys.Find(command.ReplicaEpoch) is { } key
            && Mkem.SealReply(key.Span, command.EphemeralKey.Span, answer.ToBytes(_geometry), sealedAnswer)
            ? sealedAnswer
            : null;
    }
}
