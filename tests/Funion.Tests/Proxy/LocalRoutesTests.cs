using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Funion.Cli.Proxy;
using Funion.Client;

namespace Funion.Tests.Proxy;

public sealed class LocalRoutesTests
{
    static readonly (string, string) Token = (ProxyServer.TokenHeader, ProxyStage.Token);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0123456789abcdeg")]
    [InlineData("0123456789abcdef0")]
    public async Task Without_the_token_no_route_answers(string? token)
    {
        await using ProxyStage stage = await StartAsync(new Dictionary<string, byte[]>());
        (string, string)[] headers = token is null ? [] : [(ProxyServer.TokenHeader, token)];
        foreach (string route in (string[])["put", "get", "delete", "other"])
        {
            await ProxyStage.RefusedAsync(
                HttpStatusCode.Forbidden, stage.PostAsync($"/funion/v1/{route}", [1], "application/octet-stream", headers));
        }
        await ProxyStage.RefusedAsync(HttpStatusCode.Forbidden, stage.SendAsync(HttpMethod.Get, "/funion/v1/status", null, headers));
    }

    [Fact]
    public async Task What_is_put_is_got_until_it_is_deleted()
    {
        Dictionary<string, byte[]> boxes = [];
        await using ProxyStage stage = await StartAsync(boxes);
        using HttpResponseMessage put = await stage.PostAsync("/funion/v1/put", [1, 2, 3], "application/octet-stream", Token);
        Assert.Equal("""{"read":"r0","write":"w0"}""", await put.Content.ReadAsStringAsync());
        using HttpResponseMessage got = await PostJsonAsync(stage, "get", """{"capability":"r0"}""");
        Assert.Equal("application/octet-stream", got.Content.Headers.ContentType?.MediaType);
        Assert.Equal([1, 2, 3], await got.Content.ReadAsByteArrayAsync());
        using HttpResponseMessage deleted = await PostJsonAsync(stage, "delete", """{"capability":"w0"}""");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, PostJsonAsync(stage, "get", """{"capability":"r0"}"""));
    }

    [Fact]
    public async Task Status_is_what_the_tool_gives()
    {
        await using ProxyStage stage = await StartAsync([]);
        using HttpResponseMessage response = await stage.SendAsync(HttpMethod.Get, "/funion/v1/status", null, Token);
        Assert.Equal("""{"epoch":3}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Routes_without_a_handler_are_not_there()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, stage.PostAsync("/funion/v1/other", [1], "application/octet-stream", Token));
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, stage.PostAsync("/funion/v1/put", [1], "application/octet-stream", Token));
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, stage.SendAsync(HttpMethod.Get, "/funion/v1/status", null, Token));
    }

    [Fact]
    public async Task Other_types_of_body_are_refused()
    {
        await using ProxyStage stage = await StartAsync([]);
        await ProxyStage.RefusedAsync(HttpStatusCode.UnsupportedMediaType, stage.PostAsync("/funion/v1/put", [1], "application/json", Token));
        byte[] json = Encoding.UTF8.GetBytes("""{"capability":"r0"}""");
        await ProxyStage.RefusedAsync(HttpStatusCode.UnsupportedMediaType, stage.PostAsync("/funion/v1/get", json, "text/plain", Token));
        await ProxyStage.RefusedAsync(HttpStatusCode.UnsupportedMediaType, stage.PostAsync("/funion/v1/delete", json, null, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"capability":7}""")]
    [InlineData("""{"capability":"\ud800"}""")]
    [InlineData("""{"capability":"r0","capability":"r1"}""")]
    public async Task A_body_without_a_capability_is_refused(string json)
    {
        await using ProxyStage stage = await StartAsync([]);
        await ProxyStage.RefusedAsync(HttpStatusCode.BadRequest, PostJsonAsync(stage, "get", json));
        await ProxyStage.RefusedAsync(HttpStatusCode.BadRequest, PostJsonAsync(stage, "delete", json));
    }

    static Task<HttpResponseMessage> PostJsonAsync(ProxyStage stage, string route, string json) =>
        stage.PostAsync($"/funion/v1/{route}", Encoding.UTF8.GetBytes(json), "application/json", Token);

    static Task<ProxyStage> StartAsync(Dictionary<string, byte[]> boxes) => ProxyStage.StartAsync(handlers => handlers with
    {
        Status = () => new JsonObject { ["epoch"] = 3 },
        Put = (bytes, _, _) =>
        {
            int number = boxes.Count;
            boxes[$"{number}"] = bytes.ToArray();
            return Task.FromResult(($"r{number}", $"w{number}"));
        },
        Get = (capability, _) => boxes.TryGetValue(capability[1..], out byte[]? bytes)
            ? Task.FromResult<ReadOnlyMemory<byte>>(bytes)
            : throw new FunionException(FunionError.NotFound, "box 77 is empty"),
        Delete = (capability, _) =>
        {
            boxes.Remove(capability[1..]);
            return Task.CompletedTask;
        },
    });
}
