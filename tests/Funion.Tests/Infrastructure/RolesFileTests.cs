using System.Reflection;
using Funion.Network;
using Funion.Roles;
using Funion.Tests.Network;

namespace Funion.Tests.Infrastructure;

/// <summary>What the infrastructure believes of roles is what the code does.</summary>
public sealed class RolesFileTests
{
    static readonly RolesFile s_roles = RolesFile.Parse(RolesFile.Text());

    [Fact]
    public void A_role_is_granted_what_the_protocol_sends_and_nothing_else() => Assert.Equal(Sent(), Granted(s_roles));

    [Theory]
    [InlineData("\"mix-2\": { \"mix-3\": \"mix-in\" }", "\"mix-2\": { \"mix-1\": \"mix-in\" }")]
    [InlineData("\"replica\": \"replica-in\", \"courier\": \"courier-replies\"", "\"courier\": \"courier-in\"")]
    [InlineData("\"compute\": { \"mix-1\": \"mix-in\" }", "\"compute\": { \"mix-1\": \"mix-in\", \"replica\": \"replica-in\" }")]
    public void A_grant_too_many_or_too_few_is_seen(string old, string changed)
    {
        Assert.Contains(old, RolesFile.Text(), StringComparison.Ordinal);
        Assert.NotEqual(Sent(), Granted(RolesFile.Parse(RolesFile.Text().Replace(old, changed, StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_role_has_its_queues()
    {
        foreach (NodeRole role in Enum.GetValues<NodeRole>())
        {
            string[] expected =
            [
                QueueNames.In(role), .. role == NodeRole.Replica ? [] : (string[])[QueueNames.Out(role)],
                .. role == NodeRole.Courier ? [QueueNames.CourierReplies, QueueNames.Copies] : (string[])[], QueueNames.Slots,
            ];
            Assert.Equal(expected.Order(), s_roles.Queues[Name(role)].Order());
        }
        IEnumerable<string> constants = typeof(QueueNames).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral)
            .Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(constants.Order(), s_roles.Queues.Values.SelectMany(queues => queues).Distinct().Order());
    }

    [Fact]
    public void Every_function_is_one_of_its_app()
    {
        Assert.Empty(Strangers(s_roles));
        Assert.NotEmpty(Strangers(RolesFile.Parse(RolesFile.Text().Replace("\"Draw\"", "\"Drew\"", StringComparison.Ordinal))));
        // What a node does not use is turned off: nothing may be left out of the list that this is taken from.
        Assert.Equal(AppContract.NodeFunctions.Order(), s_roles.Functions["node"].Values.SelectMany(functions => functions).Order());
        Assert.Equal(AppContract.InferenceFunctions.Order(), s_roles.Functions["inference"].Values.SelectMany(functions => functions).Order());
    }

    [Fact]
    public void A_queue_has_one_trigger_of_each_kind()
    {
        foreach ((string role, Dictionary<string, string[]> uses) in s_roles.Uses)
        {
            Assert.Equal(s_roles.Queues[role].Length, uses["storage"].Length);
            Assert.Equal(uses["storage"].Select(function => $"{function}Bus"), uses["servicebus"]);
        }
    }

    static IEnumerable<(string, string)> Strangers(RolesFile roles) => roles.Named()
        .Where(named => !(named.App == "node" ? AppContract.NodeFunctions : AppContract.InferenceFunctions).Contains(named.Function));

    static SortedSet<string> Granted(RolesFile roles) =>
        [.. roles.Sends.SelectMany(from => from.Value.Select(to => $"{from.Key} to {to.Value} of {to.Key}"))];

    /// <summary>Packets by the topology, messages and replies by the paced links.</summary>
    static SortedSet<string> Sent()
    {
        NetworkDocument document = Networks.Plan(new() { Gateways = 2, MixesPerLayer = 2, Couriers = 2, Computes = 2 }).Document;
        SortedSet<string> sent = [];
        foreach (NodeDescriptor from in document.Nodes)
        {
            foreach (NodeDescriptor to in document.Nodes.Where(to => to.Id != from.Id && document.MayFollow(from.Id, to.Id)))
            {
                sent.Add($"{Class(from)} to {QueueNames.In(to.Role)} of {Class(to)}");
            }
            foreach (SlotSource link in SlotSource.Of(document, from).Where(source => source.Kind == SlotKind.Link))
            {
                sent.Add($"{Class(from)} to {QueueNames.ReplicaIn} of replica");
                // The reply to it.
                sent.Add($"replica to {(from.Role == NodeRole.Courier ? QueueNames.CourierReplies : QueueNames.ReplicaIn)} of {Class(from)}");
            }
        }
        return sent;
    }

    static string Class(NodeDescriptor node) => node.Role == NodeRole.Mix ? $"mix-{node.Layer}" : Name(node.Role);

    static string Name(NodeRole role) => role.ToString().ToLowerInvariant();
}
