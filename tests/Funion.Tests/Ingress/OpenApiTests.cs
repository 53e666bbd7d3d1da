using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Funion.Contracts;
using Funion.Hosting.Hops;
using Funion.Hosting.Ingress;
using Funion.Mixing;
using Funion.Sphinx;
using Funion.Tests.Architecture;

namespace Funion.Tests.Ingress;

/// <summary>The published contract and the code say the same. What each route really answers is the ingress suite's business.</summary>
public sealed partial class OpenApiTests
{
    [Fact]
    public void Every_route_is_published_with_its_method_and_no_other() => Assert.Equal(
        RouteTable.Methods.Select(route => (route.Key, route.Value)).Order(),
        OpenApi.Answers.Select(answer => (answer.Route, answer.Method)).Distinct().Order());

    [Fact]
    public void The_function_app_has_a_function_for_every_route()
    {
        string folder = Path.Combine(Repository.Root, "functions", "Funion.Node");
        string source = File.ReadAllText(Path.Combine(folder, "Routes.cs")) + File.ReadAllText(Path.Combine(folder, "Shared", "Health.cs"));
        Assert.Equal(RouteTable.Methods.Keys.Order(), Route().Matches(source).Select(match => "/" + match.Groups[1].Value).Order());
    }

    [Fact]
    public void Every_problem_is_published_with_its_status_and_no_other() => Assert.Equal(
        Problem.All.Select(problem => (problem.Type, problem.Status)).Order(),
        OpenApi.Answers.Where(answer => answer.Problem is not null).Select(answer => (answer.Problem!, answer.Status)).Distinct().Order());

    [Fact]
    public void Every_refusal_is_a_problem()
    {
        Assert.All(OpenApi.Answers, answer => Assert.Equal(answer.Status >= 400, answer.Problem is not null));
        Assert.Equal(Problem.All.Count, Problem.All.Select(problem => problem.Type).Distinct().Count());
    }

    [Fact]
    public void The_table_of_problems_is_whole() => Assert.Equal(
        typeof(Problem).GetFields().Where(field => field.FieldType == typeof(Problem)).Select(field => field.GetValue(null)), Problem.All);

    [Fact]
    public void Sizes_are_the_code_s()
    {
        SphinxGeometry geometry = new(30_000, 5);
        Assert.Equal(geometry.PacketSize, Bytes("Packet"));
        Assert.Equal(MailboxRequest.Size(4), Bytes("Poll"));
        Assert.Equal(4 * MailboxAnswer.EntrySize(geometry), Bytes("Entries"));
        Assert.Equal(geometry.PacketSize + HopRequest.Overhead, Bytes("Hop"));
        static int Bytes(string schema) => (int)OpenApi.Document["components"]!["schemas"]![schema]!["x-bytes"]!["is"]!;
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_component_is_referred_to()
    {
        string[] referred = [.. References(OpenApi.Document).Distinct()];
        Assert.All(referred, reference => Assert.NotNull(OpenApi.Resolve(new JsonObject { ["$ref"] = reference })));
        IEnumerable<string> there = OpenApi.Document["components"]!.AsObject()
            .SelectMany(kind => kind.Value!.AsObject().Select(component => $"#/components/{kind.Key}/{component.Key}"));
        Assert.Equal(there.Order(), referred.Order());
    }

    [Fact]
    public void Operations_have_names_of_their_own_and_tags_that_are_there()
    {
        JsonNode[] operations = [.. OpenApi.Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!)];
        Assert.Equal(operations.Length, operations.Select(operation => (string)operation["operationId"]!).Distinct().Count());
        string[] tags = [.. OpenApi.Document["tags"]!.AsArray().Select(tag => (string)tag!["name"]!)];
        Assert.All(operations, operation => Assert.Contains((string)Assert.Single(operation["tags"]!.AsArray())!, tags));
        Assert.Equal("3.1.0", (string?)OpenApi.Document["openapi"]);
    }

    static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject named => named.SelectMany(member => member.Key == "$ref" ? [(string)member.Value!] : References(member.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    [GeneratedRegex("Route = \"([^\"]+)\"")]
    private static partial Regex Route();
}
