using Funion.Network;
using Funion.Sphinx;

namespace Funion.Roles;

/// <summary>Answers a request through its SURB: the one effect with which every service ends its work.</summary>
public static class SurbAnswer
{
    /// <summary>The send that carries <paramref name="reply"/> (exactly one reply payload) to the SURB's first hop; null when the SURB is not one.</summary>
    public static Effect.Send? TryBuild(SphinxGeometry geometry, ServiceRequest request, ReadOnlySpan<byte> reply, Func<NodeId, string?> inbound)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(inbound);
        return Surb.TryBuildReply(geometry, request.Surb.Span, reply, out NodeId firstHop, out byte[] packet) && inbound(firstHop) is { } queue
            ? new Effect.Send(firstHop, queue, packet)
            : null;
    }
}
