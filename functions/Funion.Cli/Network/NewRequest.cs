using System.Diagnostics.CodeAnalysis;
using Funion.Network;
using Funion.Tokens;

namespace Funion.Cli.Network;

/// <summary>What <c>funion network new</c> was asked for.</summary>
sealed record NewRequest(
    Func<NetworkDocument?, IReadOnlyList<NodeDescriptor>?, LocalNetworkOptions> Options, string? Keys, string? Descriptors, string[] Authorities, int Threshold,
    string? Previous, string[] WithoutAddress)
{
    /// <summary>What to do about the error, where there is something.</summary>
    public string? Hint { get; private set; }

    /// <summary>False with one sentence when the request or a rule forbids it.</summary>
    public bool TryMake(DateTimeOffset now, [NotNullWhen(true)] out NetworkDocument? document, out string error)
    {
        document = null;
        NetworkDocument? previous = null;
        if (Previous is not null)
        {
            if (!TrustStore.TryReadFile(Previous, out byte[]? bytes) || !SignedNetworkDocument.TryParse(bytes, out SignedNetworkDocument? signed))
            {
                error = $"{Previous} is not a network document.";
                return false;
            }

            previous = signed.Document;
        }

        if (!TryAuthorities(out AuthoritySet? authorities, out error))
        {
            return false;
        }

        return Keys is not null
            ? Options(previous, null) is var options && Payable(options, out error) && TryPlan(options, now, previous, authorities, out document, out error)
            : TryCollect(now, previous, authorities, out document, out error);
    }

    bool TryPlan(
        LocalNetworkOptions options, DateTimeOffset now, NetworkDocument? previous, AuthoritySet? authorities, out NetworkDocument? document,
        out string error)
    {
        document = null;
        try
        {
            using LocalNetworkPlan plan = LocalNetworkPlan.Create(options, now, Keys, previous);
            return Finish(options, plan.Document, now, previous, authorities ?? plan.Document.Authorities, out document, out error);
        }
        catch (ArgumentException broken)
        {
            error = broken.Message;
            return false;
        }
    }

    bool TryCollect(DateTimeOffset now, NetworkDocument? previous, AuthoritySet? authorities, out NetworkDocument? document, out string error)
    {
        document = null;
        List<NodeDescriptor> nodes = [];
        foreach (string path in Directory.GetFiles(Descriptors!, "*.json").Order(StringComparer.Ordinal))
        {
            if (!TrustStore.TryReadFile(path, out byte[]? bytes) || !SignedDescriptor.TryParse(bytes, out NodeDescriptor? node))
            {
                error = $"{path} is not a descriptor signed by its node.";
                return false;
            }

            nodes.Add(node);
        }

        if ((authorities ?? previous?.Authorities) is not { } signers)
        {
            error = "Descriptors need the authorities' public keys: --authority KEY.";
            return false;
        }

        LocalNetworkOptions options = Options(previous, nodes);
        if (!Reachable(nodes, previous, out error) || !Askable(nodes, options, out error) || !Payable(options, out error))
        {
            return false;
        }

        NetworkDocument draft = new()
        {
            Name = options.Name,
            Version = 1,
            Epoch = 0,
            EpochLength = options.EpochLength,
            ValidAfter = now,
            ValidUntil = now,
            Geometry = new GeometryParameters(options.UserPayload),
            Rates = options.Rates,
            SlackMilliseconds = checked((int)options.Slack.TotalMilliseconds),
            Mailbox = options.Mailbox ?? MailboxParameters.For(options.Rates),
            Nodes = nodes,
            Models = [.. options.Models.Select(model => model with { Compute = ComputeOf(model, nodes) })],
            Authorities = signers,
        };
        using IssuerKeys? issuer = options.TokensPerEpoch > 0 ? LocalNetworkPlan.KeptIssuer(Descriptors, draft.EpochAt(now)) : null;
        draft = draft with { Issuer = issuer?.Describe(options.IssuerAddress, options.TokensPerEpoch, previous?.Issuer) };
        if (!Finish(options, draft, now, previous, signers, out document, out error))
        {
            return false;
        }
        issuer?.Save(Path.Combine(Descriptors!, LocalNetworkPlan.IssuerFile));
        return true;
    }

    /// <summary>Clients find gateways by their address, and operators each other: one that was there does not go unnoticed.</summary>
    bool Reachable(List<NodeDescriptor> nodes, NetworkDocument? previous, out string error)
    {
        NodeDescriptor? lost = nodes.FirstOrDefault(node => node.Address.Length == 0
            && (node.Role == NodeRole.Gateway || (previous?.Node(node.Id)?.Address.Length > 0 && !WithoutAddress.Contains(node.Name))));
        error = lost is null ? "" : lost.Role == NodeRole.Gateway
            ? $"{lost.Name} has no address: no client could reach it."
            : $"{lost.Name} has no address and had one before.";
        Hint = lost is null ? null : lost.Role == NodeRole.Gateway
            ? $"funion network descriptor KEYS --address https://…, for {lost.Name}"
            : $"funion network descriptor KEYS --address https://…, or --without-address {lost.Name} if that is meant";
        return lost is null;
    }

    bool Askable(List<NodeDescriptor> nodes, LocalNetworkOptions options, out string error)
    {
        string? idle = options.Models.Count == 0 ? nodes.FirstOrDefault(node => node.Role == NodeRole.Compute)?.Name : null;
        error = idle is null ? "" : $"{idle} has no model: nobody could ask it anything.";
        Hint = idle is null ? null : $"give --bucket, such as --bucket 60s, or leave out the descriptor of {idle}";
        return idle is null;
    }

    bool Payable(LocalNetworkOptions options, out string error)
    {
        bool isPaid = options.TokensPerEpoch > 0;
        error = isPaid == options.IssuerAddress.Length > 0 ? ""
            : isPaid ? "Every question is to be paid with a token, and nobody issues any." : "An issuer of tokens is named, and no question is to be paid with any.";
        Hint = error.Length == 0 ? null : isPaid ? "give its address, such as --issuer https://issuer.example" : "give --tokens N as well";
        return error.Length == 0;
    }

    // A model that is new in the document is the first compute node's.
    static NodeId ComputeOf(ModelEntry model, List<NodeDescriptor> nodes) => model.Compute != default
        ? model.Compute
        : nodes.Where(node => node.Role == NodeRole.Compute).OrderBy(node => node.Index).FirstOrDefault()?.Id ?? default;

    static bool Finish(
        LocalNetworkOptions options,
        NetworkDocument draft,
        DateTimeOffset now,
        NetworkDocument? previous,
        AuthoritySet authorities,
        out NetworkDocument? document,
        out string error)
    {
        IReadOnlyList<string> broken = NetworkAuthority.Make(
            draft with { Authorities = authorities }, previous, now, Math.Max(NetworkRules.FewestReplicas, options.Replicas), out document);
        error = broken.Count > 0 ? broken[0] : "";
        return document is not null;
    }

    // None named: the plan's own authority, or those of the document before.
    bool TryAuthorities(out AuthoritySet? authorities, out string error)
    {
        authorities = null;
        error = "";
        List<byte[]> keys = [];
        foreach (string hex in Authorities)
        {
            byte[] key = new byte[32];
            if (hex.Length != 64 || Convert.FromHexString(hex, key, out _, out _) != System.Buffers.OperationStatus.Done)
            {
                error = $"{hex} is not a public key of 64 hex digits.";
                return false;
            }

            keys.Add(key);
        }

        if (keys.Select(Convert.ToHexString).Distinct().Count() != keys.Count || Threshold < 1 || Threshold > Math.Max(1, keys.Count))
        {
            error = "Each authority is named once, and the threshold is at most their number.";
            return false;
        }

        authorities = keys.Count > 0 ? new AuthoritySet(Threshold, keys) : null;
        return true;
    }
}
