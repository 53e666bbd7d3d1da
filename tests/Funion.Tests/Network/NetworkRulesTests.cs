using Funion.Network;

namespace Funion.Tests.Network;

public class NetworkRulesTests
{
    [Fact]
    public void The_standard_network_breaks_no_rule()
    {
        using LocalNetworkPlan plan = Networks.Plan(new LocalNetworkOptions { Models = [Networks.Model()] });
        Assert.Empty(NetworkRules.Broken(plan.Document));
        Assert.Equal((1, 2, 2, 2, 2, 8, 1), (plan.Document.Gateways.Count, plan.Document.Mixes(1).Count, plan.Document.Mixes(2).Count,
            plan.Document.Mixes(3).Count, plan.Document.Couriers.Count, plan.Document.Replicas.Count, plan.Document.Computes.Count));
    }

    public static TheoryData<string, LocalNetworkOptions> Refused => new()
    {
        { "gateway", new() { Gateways = 0 } },
        { "mix", new() { MixesPerLayer = 0 } },
        { "courier", new() { Couriers = 0 } },
        { "replicas", new() { Replicas = 3 } },
        { "Polls", new() { Mailbox = new() { PollsPerKilosecond = 281 } } },
        { "Polls", new() { Mailbox = new() { ComputePollsPerKilosecond = 3_093 } } },
        { "name", new() { Name = "Not a name" } },
        { "payload", new() { UserPayload = NetworkRules.LargestUserPayload + 1 } },
        { "mean delay", new() { Rates = new() { MeanDelayMilliseconds = 0 } } },
        { "address", new() { GatewayAddresses = ["http://token@host/"] } },
        { "address", new() { GatewayAddresses = ["http://host/?token=1"] } },
        { "grid", new() { Models = [Networks.Model("m", 4, 5_000, 7_000)] } },
        { "grid", new() { Models = [Networks.Model("m", 4, 5_000), Networks.Model("n", 4, 7_000)] } },
        { "ascending", new() { Models = [Networks.Model("m", 4, 10_000, 5_000)] } },
        { "same name", new() { Models = [Networks.Model(), Networks.Model()] } },
        { "compute node", new() { Computes = 0, Models = [Networks.Model()] } },
        // 0.8 × 16/s × 5 s / (2 + 2) = 16
        { "batch", new() { Models = [Networks.Model("m", 17, 5_000)] } },
        // Each fits alone: 16 in 5 s, and 1 in 10 s beside it.
        { "together", new() { Models = [Networks.Model("m", 16, 5_000), Networks.Model("n", 1, 10_000)] } },
        { "together", new() { Models = [Networks.Model("m", 16, 5_000, 10_000)] } },
        // 10 × 16/s / (8 × 16 links) = 1.25/s
        { "links", new() { Rates = new() { LinkPerKilosecond = 1_249 } } },
        { "links", new() { Couriers = 1, Replicas = 4 } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_broken_rule_is_named(string word, LocalNetworkOptions options)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Networks.Plan(options));
        Assert.Contains(word, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_themselves_are_allowed()
    {
        using LocalNetworkPlan plan = Networks.Plan(new()
        {
            Replicas = 4,
            Mailbox = new() { PollsPerKilosecond = 1_125, ComputePollsPerKilosecond = 12_375 },
            Models = [Networks.Model("m", 16, 5_000)],
        });
        Assert.Equal(MailboxParameters.For(new Rates()), plan.Document.Mailbox);
        Assert.NotEmpty(NetworkRules.Broken(plan.Document));
        Assert.Throws<ArgumentOutOfRangeException>(() => NetworkRules.Broken(plan.Document, 3));
    }

    [Fact]
    public void Nodes_are_held_to_their_identity_place_and_keys()
    {
        using LocalNetworkPlan plan = Networks.Plan();
        NetworkDocument document = plan.Document;
        NodeDescriptor mix = document.Mixes(1)[0];
        NodeDescriptor replica = document.Replicas[7];
        Assert.Equal([document.Epoch, document.Epoch + 1], mix.Keys.Select(key => key.Epoch));
        AssertBroken(document, mix, mix with { IdentityKey = replica.IdentityKey });
        AssertBroken(document, mix, mix with { Layer = 0 });
        AssertBroken(document, mix, mix with { Index = 1 });
        AssertBroken(document, mix, mix with { Keys = [mix.Keys[0]] });
        AssertBroken(document, mix, mix with { Keys = [mix.Keys[0], mix.Keys[0]] });
        AssertBroken(document, mix, mix with { JobKeys = mix.Keys });
        AssertBroken(document, mix, replica);
        AssertBroken(document, replica, replica with { Index = 8 });
        AssertBroken(document, document.Computes[0], document.Computes[0] with { JobKeys = [] });
    }

    [Fact]
    public void An_authority_chains_documents()
    {
        using LocalNetworkPlan plan = Networks.Plan();
        Assert.Empty(NetworkAuthority.Make(plan.Document, plan.Document, Networks.Now, 8, out NetworkDocument? second));
        Assert.Equal((2L, plan.Document.Epoch), (second!.Version, second.Epoch));
        Assert.Equal(plan.Document.Hash(), second.Previous);
        // Two epochs later the nodes' keys are missing.
        Assert.NotEmpty(NetworkAuthority.Make(plan.Document, second, Networks.Now.AddDays(2), 8, out NetworkDocument? third));
        Assert.Null(third);
    }

    static void AssertBroken(NetworkDocument document, NodeDescriptor node, NodeDescriptor changed) =>
        Assert.NotEmpty(NetworkRules.Broken(document with { Nodes = [.. document.Nodes.Where(other => other.Id != node.Id), changed] }));
}
