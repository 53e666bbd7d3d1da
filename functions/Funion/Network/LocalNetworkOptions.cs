namespace Funion.Network;

/// <summary>A network on one machine; the defaults are the standard test network.</summary>
public sealed record LocalNetworkOptions
{
    /// <summary>Name in document and pin.</summary>
    public string Name { get; init; } = "local";

    /// <summary>1 or 2.</summary>
    public int Gateways { get; init; } = 1;

    /// <summary>In each of the three layers.</summary>
    public int MixesPerLayer { get; init; } = 2;

    /// <summary>Couriers.</summary>
    public int Couriers { get; init; } = 2;

    /// <summary>At least 4; below 8 the courier learns something of the box.</summary>
    public int Replicas { get; init; } = NetworkRules.DefaultReplicas;

    /// <summary>Compute nodes.</summary>
    public int Computes { get; init; } = 1;

    /// <summary>Base URL of the first compute node, where it is asked directly; empty: it is not.</summary>
    public string ComputeAddress { get; init; } = "";

    /// <summary>Bytes.</summary>
    public int UserPayload { get; init; } = 30_000;

    /// <summary>Rates and the mean delay.</summary>
    public Rates Rates { get; init; } = new();

    /// <summary>Null: the least poll rates that the rates allow.</summary>
    public MailboxParameters? Mailbox { get; init; }

    /// <summary>How long past its due time a packet is still forwarded.</summary>
    public TimeSpan Slack { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Length of a network epoch.</summary>
    public TimeSpan EpochLength { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Models; whatever compute node they name, the plan's first takes its place.</summary>
    public IReadOnlyList<ModelEntry> Models { get; init; } = [];

    /// <summary>Tokens that a client gets for an epoch, to pay a job with each; 0: none are demanded.</summary>
    public int TokensPerEpoch { get; init; }

    /// <summary>Base URL of their issuer.</summary>
    public string IssuerAddress { get; init; } = "";

    /// <summary>Base URLs by gateway index; missing ones stay empty.</summary>
    public IReadOnlyList<string> GatewayAddresses { get; init; } = [];
}
