using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Funion.Oip;
using Funion.Cli.Proxy;
using Funion.Client;

namespace Funion.Tests.Proxy;

public sealed class ProxyServerTests
{
    [Fact]
    public async Task Metadata_are_those_of_the_network_document()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        const string Digits = """{"name":"digits","versions":["1"],"platform":"onnxruntime_onnx","inputs":[{"name":"image","datatype":"FP32","shape":[-1,1,8,8]}],"outputs":[{"name":"scores","datatype":"FP32","shape":[-1,10]}]}""";
        Assert.Equal(Digits, await stage.Client.GetStringAsync("/v2/models/digits"));
        Assert.Equal(Digits, await stage.Client.GetStringAsync("/v2/models/digits/versions/1"));
        JsonNode server = JsonNode.Parse(await stage.Client.GetStringAsync("/v2"))!;
        Assert.Equal("funion", (string?)server["name"]);
        Assert.Equal("""["binary_tensor_data"]""", server["extensions"]!.ToJsonString());
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, stage.SendAsync(HttpMethod.Get, "/v2/models/letters"));
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, stage.SendAsync(HttpMethod.Get, "/v2/models/digits/versions/2"));
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, stage.SendAsync(HttpMethod.Get, "/v3"));
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.ServiceUnavailable)]
    public async Task Readiness_is_the_clients(bool ready, HttpStatusCode status)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync(handlers => handlers with { Inference = handlers.Inference with { Ready = () => ready } });
        Assert.Equal("""{"live":true}""", await stage.Client.GetStringAsync("/v2/health/live"));
        foreach (string path in (string[])["/v2/health/ready", "/v2/models/digits/ready", "/v2/models/digits/versions/1/ready"])
        {
            using HttpResponseMessage response = await stage.SendAsync(HttpMethod.Get, path);
            Assert.Equal(status, response.StatusCode);
            Assert.Equal(ready, (bool?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["ready"]);
        }
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, stage.SendAsync(HttpMethod.Get, "/v2/models/letters/ready"));
    }

    [Fact]
    public async Task Only_its_own_names_with_its_own_port_reach_it()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        foreach (string host in (string[])["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
        {
            using HttpResponseMessage response = await stage.SendAsync(HttpMethod.Get, "/v2", null, ("Host", $"{host}:{stage.Port}"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        foreach (string host in (string[])["rebound.example", "127.0.0.2", "localhost.example", "0.0.0.0", "[::2]"])
        {
            await ProxyStage.RefusedAsync(HttpStatusCode.Forbidden, stage.SendAsync(HttpMethod.Get, "/v2", null, ("Host", $"{host}:{stage.Port}")));
        }
        await ProxyStage.RefusedAsync(HttpStatusCode.Forbidden, stage.SendAsync(HttpMethod.Get, "/v2", null, ("Host", "localhost")));
        await ProxyStage.RefusedAsync(HttpStatusCode.Forbidden, stage.SendAsync(HttpMethod.Get, "/v2", null, ("Host", "localhost:1")));
    }

    [Theory]
    [InlineData("Origin", "https://page.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "none, cross-site")]
    public async Task Web_pages_are_refused_on_every_route(string header, string value)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        await ProxyStage.RefusedAsync(HttpStatusCode.Forbidden, stage.SendAsync(HttpMethod.Get, "/v2", null, (header, value)));
        await ProxyStage.RefusedAsync(HttpStatusCode.Forbidden, stage.PostAsync(
            "/v2/models/digits/infer", Encoding.UTF8.GetBytes(ProxyStage.Image()), "application/json", (header, value)));
        await ProxyStage.RefusedAsync(HttpStatusCode.Forbidden, stage.SendAsync(
            HttpMethod.Get, "/funion/v1/status", null, (header, value), (ProxyServer.TokenHeader, ProxyStage.Token)));
        Assert.Empty(stage.Seen);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("same-origin")]
    public async Task An_address_that_a_person_typed_is_answered(string site)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        using HttpResponseMessage response = await stage.SendAsync(HttpMethod.Get, "/v2", null, ("Sec-Fetch-Site", site));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("text/plain", false)]
    [InlineData("text/plain", true)]
    [InlineData("application/x-www-form-urlencoded", false)]
    [InlineData("application/octet-stream", false)]
    public async Task Other_types_of_body_are_refused(string? type, bool withLength)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        byte[] body = Encoding.UTF8.GetBytes(ProxyStage.Image());
        (string, string)[] headers = withLength ? [(OipAnswer.JsonLengthHeader, $"{body.Length}")] : [];
        await ProxyStage.RefusedAsync(HttpStatusCode.UnsupportedMediaType, stage.PostAsync("/v2/models/digits/infer", body, type, headers));
        await ProxyStage.RefusedAsync(HttpStatusCode.UnsupportedMediaType, stage.PostAsync(
            "/v2/models/digits/infer", body, "application/json", ("Content-Encoding", "gzip")));
        Assert.Empty(stage.Seen);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1x")]
    [InlineData("99999999999")]
    [InlineData("2000000000")]
    public async Task A_JSON_length_that_is_none_is_refused(string length)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        await ProxyStage.RefusedAsync(HttpStatusCode.BadRequest, stage.PostAsync(
            "/v2/models/digits/infer", [1, 2, 3], "application/octet-stream", (OipAnswer.JsonLengthHeader, length)));
    }

    [Theory]
    [InlineData("/v2/models/digits/infer", "application/json", false)]
    [InlineData("/v2/models/digits/infer", "application/json", true)]
    [InlineData("/funion/v1/put", "application/octet-stream", false)]
    [InlineData("/funion/v1/get", "application/json", true)]
    public async Task Bodies_over_the_limit_are_refused(string path, string type, bool chunked)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync(handlers => handlers with
        {
            Put = (_, _, _) => Task.FromResult(("r", "w")),
            Get = (_, _) => Task.FromResult<ReadOnlyMemory<byte>>(default),
        });
        using ByteArrayContent content = new(new byte[OipRequest.MaxBytes + 1]);
        content.Headers.ContentType = new(type);
        (string, string) token = (ProxyServer.TokenHeader, ProxyStage.Token);
        (string, string)[] headers = chunked ? [token, ("Transfer-Encoding", "chunked")] : [token];
        await ProxyStage.RefusedAsync(HttpStatusCode.RequestEntityTooLarge, stage.SendAsync(HttpMethod.Post, path, content, headers));
    }

    [Fact]
    public async Task A_body_of_exactly_the_limit_is_read()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        byte[] body = Encoding.UTF8.GetBytes(ProxyStage.Image().PadRight(OipRequest.MaxBytes));
        using HttpResponseMessage response = await stage.PostAsync("/v2/models/digits/infer", body, "application/json");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("/v2/models/digits/infer", "POST")]
    [InlineData("/funion/v1/put", "POST")]
    [InlineData("/v2/health/live", "GET")]
    [InlineData("/funion/v1/status", "GET")]
    public async Task Other_methods_are_refused_and_the_right_one_is_named(string path, string method)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        Task<HttpResponseMessage> sent = stage.SendAsync(HttpMethod.Delete, path, null, (ProxyServer.TokenHeader, ProxyStage.Token));
        await ProxyStage.RefusedAsync(HttpStatusCode.MethodNotAllowed, sent);
        Assert.Equal([method], (await sent).Content.Headers.Allow);
    }

    [Fact]
    public async Task It_does_not_start_where_others_reach_it_or_without_a_token()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        ProxyHandlers handlers = new(new OipBackend(() => null!, () => true, (_, _, _, _) => throw new FunionException(FunionError.Refused, "")), TimeSpan.Zero);
        await Assert.ThrowsAsync<ArgumentException>(() => ProxyServer.StartAsync(new(IPAddress.Any, 0), handlers, "t", default));
        await Assert.ThrowsAsync<ArgumentException>(() => ProxyServer.StartAsync(new(IPAddress.Loopback, 0), handlers, "", default));
        await Assert.ThrowsAsync<IOException>(() => ProxyServer.StartAsync(new(IPAddress.Loopback, stage.Port), handlers, "t", default));
    }
}
