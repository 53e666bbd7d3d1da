using Funion.Hosting;
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

    public void Dispose() => _stage.Dispose();

    static async Task<int> GetAsync(NodeRoutes routes, string path)
    {
        DefaultHttpContext context = new();
        context.Request.Method = HttpMethods.Get;
        context.Request.Path = path;
        await new RoutedResult(routes).ExecuteAsync(context);
        return context.Response.StatusCode;
    }
}
