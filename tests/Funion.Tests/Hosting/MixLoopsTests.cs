using System.Text;
using Funion.Client;
using Funion.Hosting;
using Funion.Hosting.Ingress;
using Funion.Network;
using Funion.Roles;
using Microsoft.AspNetCore.Http;

namespace Funion.Tests.Hosting;

/// <summary>A gateway publishes its own loops, and what each mix says of its own.</summary>
public sealed class MixLoopsTests : IDisposable
{
    readonly HostStage _stage = new();
    readonly List<Uri> _asked = [];
    Func<string, byte[]> _answer = name => Encoding.UTF8.GetBytes(Entry(name, 9));

    [Fact]
    public async Task A_gateway_passes_on_what_mixes_say_and_asks_them_once_a_minute()
    {
        _stage.PublishAddress("mix-1-0", new Uri("http://127.0.0.1:1"));
        _stage.PublishAddress("mix-2-1", new Uri("http://127.0.0.1:2"));
        await using NodeHost host = Host();
        NodeRoutes routes = new(host, behindFrontEnd: true);
        Assert.Equal(["gateway-0", "mix-1-0", "mix-2-1"], Names(await LoopsAsync(routes)));
        Assert.Equal(["gateway-0", "mix-1-0", "mix-2-1"], Names(await LoopsAsync(routes)));
        Assert.Equal(["http://127.0.0.1:1/v1/loops", "http://127.0.0.1:2/v1/loops"], _asked.Select(uri => uri.AbsoluteUri).Order());
        _stage.Time.Advance(TimeSpan.FromMinutes(1));
        await LoopsAsync(routes);
        Assert.Equal(4, _asked.Count);
    }

    [Theory]
    [InlineData("another's")]
    [InlineData("rubbish")]
    [InlineData("away")]
    [InlineData("too much")]
    public async Task A_mix_that_says_something_else_is_left_out(string what)
    {
        _stage.PublishAddress("mix-1-0", new Uri("http://127.0.0.1:1"));
        _stage.PublishAddress("mix-2-0", new Uri("http://127.0.0.1:2"));
        byte[] good = Encoding.UTF8.GetBytes(Entry("mix-2-0", 9));
        _answer = name => name == "mix-2-0" ? good : what switch
        {
            "another's" => good,
            "rubbish" => "[{}]"u8.ToArray(),
            "away" => throw new GatewayUnreachableException("Away."),
            _ => Encoding.UTF8.GetBytes(Entry(name, long.MaxValue)),
        };
        await using NodeHost host = Host();
        Assert.Equal(["gateway-0", "mix-2-0"], Names(await LoopsAsync(new NodeRoutes(host, behindFrontEnd: true))));
    }

    [Fact]
    public async Task A_mix_publishes_its_own_and_serves_nothing_else_of_a_gateway()
    {
        await using NodeHost host = _stage.Host("mix-1-0");
        NodeRoutes routes = new(host, behindFrontEnd: true);
        Assert.Equal(["mix-1-0"], Names(await LoopsAsync(routes)));
        Assert.Equal(StatusCodes.Status404NotFound, (await GetAsync(routes, RouteTable.Network)).Status);
        await using NodeHost courier = _stage.Host("courier-0");
        Assert.Equal(StatusCodes.Status404NotFound, (await GetAsync(new NodeRoutes(courier, behindFrontEnd: true), RouteTable.Loops)).Status);
    }

    public static TheoryData<string> Malformed => new(
        "", "{}", "[1]", "[{}]", """[{"node":"mix-1","segment":"layer 1","sent":1,"returned":1,"lost":0,"damaged":0,"late":0}]""",
        """[{"node":"mix-01-0","segment":"layer 1","sent":1,"returned":1,"lost":0,"damaged":0,"late":0}]""", """[{"node":"mix-1-0","segment":"layer 2","sent":1,"returned":1,"lost":0,"damaged":0,"late":0}]""",
        """[{"node":"replica-0","segment":"gateways","sent":1,"returned":1,"lost":0,"damaged":0,"late":0}]""", """[{"node":"mix-1-0","segment":"layer 1","sent":-1,"returned":1,"lost":0,"damaged":0,"late":0}]""",
        """[{"node":"mix-1-0","segment":"layer 1","sent":1.5,"returned":1,"lost":0,"damaged":0,"late":0}]""", """[{"node":"mix-1-0","segment":"layer 1","sent":1,"returned":1}]""",
        """[{"node":"mix-1-0","segment":"layer 1","sent":9,"returned":1,"lost":0,"damaged":0,"late":2}]""",
        """[{"node":"mix-1-0","segment":"layer 1","sent":9,"returned":9999,"lost":0,"damaged":0,"late":0}]""",
        """[{"node":"mix-1-0","segment":"layer 1","sent":281474976710656,"returned":0,"lost":281474976710656,"damaged":0,"late":0}]""",
        """[{"node":"\u001b[2J-0","segment":"gateways","sent":1,"returned":1,"lost":0,"damaged":0,"late":0}]""");

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_is_no_report_is_refused(string text) => Assert.Null(LoopsJson.TryRead(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_report_is_read_as_it_was_written()
    {
        LoopReport[] reports = [new(NodeRole.Mix, 3, 1, 10, 7, 2, 1, 3), new(NodeRole.Gateway, 0, 4, 1, 1, 0)];
        Assert.Equal(reports, LoopsJson.TryRead(Encoding.UTF8.GetBytes(LoopsJson.Of(reports).ToJsonString())));
    }

    public void Dispose() => _stage.Dispose();

    static string Entry(string name, long sent) =>
        $$"""[{"node":"{{name}}","segment":"layer {{name.Split('-')[1]}}","sent":{{sent}},"returned":8,"lost":1,"damaged":0,"late":2}]""";

    NodeHost Host() => new(_stage.Settings("gateway-0"), _stage.Environment("gateway-0") with
    {
        Fetch = (uri, _) =>
        {
            _asked.Add(uri);
            string name = _stage.Document.Nodes.Single(node => node.Address.Length > 0 && uri.AbsoluteUri.StartsWith(node.Address, StringComparison.Ordinal)).Name;
            return Task.FromResult(_answer(name));
        },
    });

    static IEnumerable<string> Names(byte[] loops) =>
        LoopsJson.TryRead(loops)!.Select(report => NodeDescriptor.NameOf(report.Role, report.Layer, report.Index)).Order();

    static async Task<byte[]> LoopsAsync(NodeRoutes routes)
    {
        (int status, byte[] body) = await GetAsync(routes, RouteTable.Loops);
        Assert.Equal(StatusCodes.Status200OK, status);
        return body;
    }

    static async Task<(int Status, byte[] Body)> GetAsync(NodeRoutes routes, string path)
    {
        DefaultHttpContext context = new();
        using MemoryStream body = new();
        context.Request.Method = HttpMethods.Get;
        context.Request.Path = path;
        context.Response.Body = body;
        await new RoutedResult(routes).ExecuteAsync(context);
        return (context.Response.StatusCode, body.ToArray());
    }
}
