using Funion.Network;
using Funion.Pigeonhole;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>
/// A courier: passes sealed envelopes to two replicas and their answers back by SURB. It sees ciphertext; not the client, not the box, not whether it
/// is read or written, not what became of it. A client asks twice in any case: the first time it is acknowledged, later it gets the answer.
/// An envelope is remembered for five minutes, so a resend does not become a second operation. A copy it carries out itself.
/// </summary>
/// <param name="document">The network.</param>
/// <param name="envelopes">What it remembers of envelopes.</param>
/// <param name="copies">What it does for copies.</param>
public sealed class CourierRole(NetworkDocument document, CourierEnvelopes envelopes, CopyRole copies)
{
    readonly SphinxGeometry _sphinx = new(document.Geometry.UserPayload, document.Geometry.Hops);

    readonly PigeonholeGeometry _geometry = new(document.Geometry.UserPayload);

    /// <summary>Takes a query whose hop delay is over.</summary>
    public async ValueTask<Work> HandleAsync(ServiceRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (CopyCommand.IsOne(request.Payload.Span))
        {
            return await copies.HandleAsync(request, cancellation);
        }
        if (CourierEnvelope.TryParse(_geometry, request.Payload) is not { } envelope)
        {
            return Work.Of(Answer(request, new CourierReply(default, 0, default, EnvelopeError.InvalidEnvelope)));
        }
        EnvelopeHash hash = envelope.Hash();
        if (!envelopes.IsOfTheTime(envelope))
        {
            return Work.Of(Answer(request, new CourierReply(hash, 0, default, EnvelopeError.InvalidEpoch)));
        }
        if (envelopes.ReplicasOf(envelope) is not (NodeDescriptor first, NodeDescriptor second))
        {
            return Work.Of(Answer(request, new CourierReply(hash, 0, default, EnvelopeError.InvalidEnvelope)));
        }
        if (await envelopes.FindAnswerAsync(hash, envelope.ReplyIndex, cancellation) is { } answer)
        {
            return Work.Of(Answer(request, answer));
        }
        IReadOnlyList<Effect> acknowledge = Answer(request, new CourierReply(hash, envelope.ReplyIndex, default, EnvelopeError.None));
        return !await envelopes.AreFullAsync(first, second, cancellation) && await envelopes.NextDispatchAsync(hash, cancellation) is { } marker
            ? Work.Of([.. envelopes.Dispatch(envelope, hash, first, second), marker, .. acknowledge])
            : Work.Of(acknowledge);
    }

    IReadOnlyList<Effect> Answer(ServiceRequest request, CourierReply reply) =>
        SurbAnswer.TryBuild(_sphinx, request, reply.ToBytes(_sphinx.ReplyPayloadSize), document.Inbound) is { } answer ? [answer] : [];
}
