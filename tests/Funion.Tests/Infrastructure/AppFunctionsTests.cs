using Funion.Network;
using Funion.Tests.Architecture;

namespace Funion.Tests.Infrastructure;

/// <summary>Every function of both apps: what triggers it, and that names agree with the code and with roles.json.</summary>
public sealed class AppFunctionsTests
{
    static readonly AppFunction[] s_all = [.. AppFunction.Of("node"), .. AppFunction.Of("inference")];

    static readonly RolesFile s_roles = RolesFile.Parse(RolesFile.Text());

    [Fact]
    public void The_apps_have_the_functions_that_the_snapshot_shows()
    {
        string path = Path.Combine(Repository.Root, "tests", "Funion.Tests", "Infrastructure", "functions.txt");
        // A change of the file is what a reviewer sees: a function more is a way in more.
        Assert.Equal(File.ReadAllLines(path), s_all.Select(function => function.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_are_unique_within_an_app() => Assert.All(s_all.GroupBy(function => (function.App, function.Name)), group => Assert.Single(group));

    public static TheoryData<NodeRole, string> RolesAndKinds()
    {
        TheoryData<NodeRole, string> all = [];
        foreach (NodeRole role in Enum.GetValues<NodeRole>())
        {
            all.Add(role, "storage");
            all.Add(role, "servicebus");
        }
        return all;
    }

    [Theory]
    [MemberData(nameof(RolesAndKinds))]
    public void What_a_role_leaves_on_listens_on_all_of_its_queues(NodeRole role, string kind)
    {
        string name = role.ToString().ToLowerInvariant(), trigger = kind == "storage" ? "Queue" : "ServiceBus";
        AppFunction[] used = [.. s_roles.Uses[name][kind].Select(function => Find(role, function))];
        Assert.All(used, function => Assert.Equal((trigger, trigger == "Queue" ? "AzureWebJobsStorage" : "ServiceBus"), (function.Trigger, function.Connection)));
        Assert.Equal(s_roles.Queues[name].Select(queue => $"p7-{queue}").Order(), used.Select(function => function.QueueOf(role, "p7")).Order());
        // And says to the node what it listens on.
        Assert.All(used, function => Assert.Equal(function.QueueOf(role, "p7"), $"p7-{function.TakesOf(role)}"));
    }

    [Theory]
    [InlineData("node")]
    [InlineData("inference")]
    public void Roles_json_names_every_function_of_an_app_by_its_kind(string app)
    {
        Dictionary<string, string[]> kinds = new()
        {
            ["storage"] = ["Queue"], ["servicebus"] = ["ServiceBus"], ["timers"] = ["Timer"], ["http"] = ["Http"], ["durable"] = ["Orchestration", "Activity"],
        };
        foreach ((string kind, string[] triggers) in kinds)
        {
            IEnumerable<string> there = s_all.Where(function => function.App == app && triggers.Contains(function.Trigger)).Select(function => function.Name);
            Assert.Equal(there.Order(), s_roles.Functions[app].GetValueOrDefault(kind, []).Order());
        }
        Assert.Equal(s_all.Count(function => function.App == app), s_roles.Functions[app].Values.Sum(functions => functions.Length));
    }

    [Fact]
    public void Compute_turns_off_what_the_linked_files_bring_and_it_has_no_queue_for()
    {
        string[] all = [.. s_roles.Functions["inference"]["storage"], .. s_roles.Functions["inference"]["servicebus"]];
        foreach ((string kind, string other) in ((string, string)[])[("storage", "servicebus"), ("servicebus", "storage")])
        {
            IEnumerable<string> off = all.Except(s_roles.Uses["compute"][kind]);
            Assert.Superset(new HashSet<string> { "Replies", "Copies", "RepliesBus", "CopiesBus" }, off.ToHashSet());
            Assert.Superset(s_roles.Functions["inference"][other].ToHashSet(), off.ToHashSet());
        }
        // As the template has it.
        string template = File.ReadAllText(Path.Combine(Repository.Root, "infra", "app", "inference.bicep"));
        Assert.Contains("concat(roles.functions.inference.storage, roles.functions.inference.servicebus)", template, StringComparison.Ordinal);
        Assert.Contains("!contains(roles.uses.compute[queues], name)", template, StringComparison.Ordinal);
    }

    [Fact]
    public void Timers_have_six_fields_and_routes_are_public_and_versioned()
    {
        Assert.All(s_all.Where(function => function.Trigger == "Timer"), function => Assert.Matches(@"^\d+( (\*|\*/\d+|\d+)){5}$", function.Source));
        Assert.All(s_all.Where(function => function.Trigger == "Http"), function => Assert.Matches("^/v1/[a-z/]+$", function.Source));
    }

    [Theory]
    [InlineData("[Function(\"A\")] void B([QueueTrigger(\"%FUNION_PREFIX%-\" + QueueNames.Slots, Connection = \"C\")] X x) => TakeAsync(QueueNames.Slots, x);", "A Queue %FUNION_PREFIX%-slots C QueueNames.Slots")]
    [InlineData("const string N = \"A\"; [Function(N)] void B([TimerTrigger(\"1 2\", RunOnStartup = true)] X x) { }", "A Timer 1 2  ")]
    [InlineData("[Function(\"A\")] void B([HttpTrigger(AuthorizationLevel.Anonymous, Route = \"v1/a\")] X x) { }", "A Http /v1/a  ")]
    [InlineData("[Function(\"A\")] void B([ActivityTrigger] X x) { }", "A Activity   ")]
    public void A_function_is_read(string text, string expected)
    {
        AppFunction function = Assert.Single(AppFunction.Parse("node", text));
        Assert.Equal(expected, $"{function.Name} {function.Trigger} {function.Source} {function.Connection} {function.Takes}");
    }

    [Theory]
    [InlineData("[Function(\"A\")] void B() { }")]
    [InlineData("[Function(N)] void B([ActivityTrigger] X x) { }")]
    [InlineData("[Function(\"A\")] void B([QueueTrigger(QueueNames.Nothing)] X x) { }")]
    public void A_function_that_cannot_be_read_is_an_error(string text) => Assert.Throws<FormatException>(() => AppFunction.Parse("node", text).ToList());

    static AppFunction Find(NodeRole role, string name) =>
        s_all.Single(function => function.App == (role == NodeRole.Compute ? "inference" : "node") && function.Name == name);
}
