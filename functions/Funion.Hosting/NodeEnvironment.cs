using Funion.Hosting.Hops;
using Funion.Mixing;
using Funion.Network;
using Funion.Roles;

namespace Funion.Hosting;

/// <summary>What a node's host gives it.</summary>
public sealed record NodeEnvironment
{
    /// <summary>The node's own two ports.</summary>
    public required NodePorts Ports { get; init; }

    /// <summary>A peer's queues, by service and prefix; the service is null for this node's own account.</summary>
    public required Func<Uri?, string, PacketQueue> PeerQueues { get; init; }

    /// <summary>Reads a secret of a vault by its URL; null: there is no vault.</summary>
    public Func<Uri, CancellationToken, Task<byte[]>>? ReadSecret { get; init; }

    /// <summary>Fetches a document by its URL.</summary>
    public Func<Uri, CancellationToken, Task<byte[]>> Fetch { get; init; } = Client.HttpGatewayConnection.FetchDocumentAsync;

    /// <summary>Makes the signer of a node's hops.</summary>
    public Func<NodeKeys, NodeSigner> Signer { get; init; } = SodiumSignatures.Signer;

    /// <summary>Verifies other nodes' hops.</summary>
    public NodeVerifier Verify { get; init; } = Cryptography.Ed25519.Verify;

    /// <summary>Runs models, at a compute node.</summary>
    public RunBatch? Run { get; init; }

    /// <summary>How promptly this host looks at queues; null: as the settings' profile says.</summary>
    public NodePace? Pace { get; init; }

    /// <summary>Whether a compute node's process keeps the boundaries itself; false: an orchestration does.</summary>
    public bool OwnClock { get; init; } = true;

    /// <summary>Draws.</summary>
    public RandomSource Random { get; init; } = RandomSource.System;

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
