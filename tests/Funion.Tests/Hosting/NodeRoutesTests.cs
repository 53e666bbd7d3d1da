using Funion.Hosting;
using Funion.Hosting.Ingress;
using Funion.Mixing;
using Funion.Sphinx;
using Funion.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace Funion.Tests.Hosting;

/// <summary>Every route that a function app has a function for is one that the node answers.</summary>
public sealed class NodeRoutesTests : IDisposable
{
    readonly HostStage _stage = new();

    [Theory]
    [InlineData("node", "gateway-0")]
    [InlineData("inference", "compute-0")]
    public async Task What_has_a_function_is_answered(string app, string node)
    {
        _stage.PublishAddress("gateway-0", new Uri("http://127.0.0.1:9"));
        await using NodeHost host = new(
            _stage.Settings(node), _stage.Environment(node) with { Run = (_, _, _) => ValueTask.FromResult<IReadOnlyList<byte[]>>([]) });
        NodeRoutes routes = new(host, behindFrontEnd: true);
        AppFunction[] http = [.. AppFunction.Of(app).Where(function => function.Trigger == "Http")];
        Assert.NotEmpty(http);
        foreach (AppFunction function in http)
        {
            // By its own method, or by the ingress's own refusal of another.
            Assert.Contains(await GetAsync(routes, function.Source), (int[])[StatusCodes.Status200OK, StatusCodes.Status405MethodNotAllowed]);
        }
        Assert.Equal(StatusCodes.Status404NotFound, await GetAsync(routes, "/v1/nothing"));
    }

    [Fact]
    public async Task Sizes_turn_with_the_document()
    {
        await using NodeHost host = _stage.Host("gateway-0");
        NodeRoutes routes = new(host, behindFrontEnd: true);
        int entries = _stage.Document.Mailbox.PacketsPerPoll;
        Assert.Equal(StatusCodes.Status200OK, await PollAsync(routes, entries));
        _stage.PublishNext(document => document with { Mailbox = document.Mailbox with { PacketsPerPoll = entries + 1 } });
        // The document is read again every few minutes.
        _stage.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(StatusCodes.Status200OK, await PollAsync(routes, entries + 1));
        Assert.Equal(StatusCodes.Status400BadRequest, await PollAsync(routes, entries));
    }

    public void Dispose() => _stage.Dispose();

    async Task<int> PollAsync(NodeRoutes routes, int entries)
    {
        byte[] body = new MailboxRequest(new byte[32], _stage.Document.EpochAt(_stage.Time.GetUtcNow()), new byte[entries * SurbId.Size]).ToBytes();
        DefaultHttpContext context = new();
        context.Request.Method = HttpMethods.Post;
        context.Request.Path = RouteTable.Mailbox;
        context.Request.ContentType = "application/octet-stream";
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body);
        await new RoutedResult(routes).ExecuteAsync(context);
        return context.Response.StatusCode;
    }

    static async Task<int> GetAsync(NodeRoutes routes, string path)
    {
        DefaultHttpContext context = new();
        context.Request.Method = HttpMethods.Get;
        context.Request.Path = path;
        await new RoutedResult(routes).ExecuteAsync(context);
        return context.Response.StatusCode;
    }
}
