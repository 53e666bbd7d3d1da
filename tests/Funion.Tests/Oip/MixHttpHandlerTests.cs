using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Funion.Client;
using Funion.Inference;
using Funion.Oip;
using Funion.Tests.Proxy;

namespace Funion.Tests.Oip;

/// <summary>The handler answers in process what the proxy answers over HTTP.</summary>
public sealed class MixHttpHandlerTests
{
    static readonly byte[] s_image = Encoding.UTF8.GetBytes(ProxyStage.Image(""" "id":"a question","""));

    public static TheoryData<string, string, byte[]?, string?, string?> Requests { get; } = new()
    {
        { "GET", "/v2", null, null, null },
        { "GET", "/v2/health/live", null, null, null },
        { "GET", "/v2/health/ready", null, null, null },
        { "GET", "/v2/models/digits", null, null, null },
        { "GET", "/v2/models/pair/versions/1/ready", null, null, null },
        { "GET", "/v2/models/letters", null, null, null },
        { "GET", "/v2/models/di%67its", null, null, null },
        { "GET", "/elsewhere", null, null, null },
        { "GET", "/", null, null, null },
        { "DELETE", "/v2/models/digits/infer", null, null, null },
        { "POST", "/v2/health/live", [], null, null },
        { "POST", "/v2/models/digits/infer", s_image, "application/json", null },
        { "POST", "/v2/models/digits/infer", s_image, "text/plain", null },
        { "POST", "/v2/models/digits/infer", s_image[..40], "application/json", null },
        { "POST", "/v2/models/digits/infer", s_image, "application/octet-stream", "7" },
        { "POST", "/v2/models/digits/infer", s_image, "application/octet-stream", "-7" },
        { "POST", "/v2/models/digits/infer", new byte[256], "application/octet-stream", "0" },
        { "POST", "/v2/models/digits/infer", new byte[256], null, "0" },
        { "POST", "/v2/models/digits/infer", new byte[OipRequest.MaxBytes + 1], "application/octet-stream", "0" },
    };

    [Theory]
    [MemberData(nameof(Requests), DisableDiscoveryEnumeration = true)]
    public async Task Both_ways_give_the_same_answer(string method, string path, byte[]? body, string? type, string? jsonLength)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        using HttpClient direct = new(new MixHttpHandler(stage.Backend)) { BaseAddress = new Uri("http://anywhere.invalid") };
        using HttpResponseMessage expected = await SendAsync(stage.Client), given = await SendAsync(direct);
        Assert.Equal(expected.StatusCode, given.StatusCode);
        Assert.Equal(await expected.Content.ReadAsByteArrayAsync(), await given.Content.ReadAsByteArrayAsync());
        Assert.Equal(expected.Content.Headers.ContentType, given.Content.Headers.ContentType);
        Assert.Equal(expected.Content.Headers.Allow, given.Content.Headers.Allow);
        Assert.Equal(Length(expected), Length(given));

        async Task<HttpResponseMessage> SendAsync(HttpClient client)
        {
            using HttpRequestMessage request = new(new HttpMethod(method), path) { Content = body is null ? null : new ByteArrayContent(body) };
            if (jsonLength is not null)
            {
                request.Headers.Add(OipAnswer.JsonLengthHeader, jsonLength);
            }
            if (request.Content is not null)
            {
                request.Content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
            }
            return await client.SendAsync(request);
        }

        static string? Length(HttpResponseMessage response) =>
            response.Headers.TryGetValues(OipAnswer.JsonLengthHeader, out IEnumerable<string>? values) ? Assert.Single(values) : null;
    }

    [Fact]
    public async Task The_header_counts_wherever_a_client_puts_it_and_nothing_else_goes_further()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        using HttpClient http = new(new MixHttpHandler(stage.Backend)) { BaseAddress = new Uri("http://anywhere.invalid") };
        using ByteArrayContent content = new(new byte[256]);
        content.Headers.Add(OipAnswer.JsonLengthHeader, "0");
        http.DefaultRequestHeaders.Add("Cookie", "who=me");
        using HttpResponseMessage response = await http.PostAsync("v2/models/digits/infer", content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([("digits", "image", null)], stage.Seen);
    }

    [Theory]
    [InlineData(FunionError.Unreachable, HttpStatusCode.ServiceUnavailable)]
    [InlineData(FunionError.TimedOut, HttpStatusCode.GatewayTimeout)]
    public async Task A_failure_of_the_network_is_an_answer(FunionError error, HttpStatusCode status)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        using HttpClient http = new(new MixHttpHandler(stage.Backend with { Infer = (_, _, _, _) => throw new FunionException(error, "replica-3") }));
        using ByteArrayContent content = new(s_image);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await http.PostAsync("http://anywhere.invalid/v2/models/digits/infer", content);
        Assert.Equal(status, response.StatusCode);
        Assert.DoesNotContain("replica-3", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Giving_up_gives_up()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        TaskCompletionSource<InferenceAnswer> never = new();
        using HttpClient http = new(new MixHttpHandler(stage.Backend with { Infer = (_, _, _, _) => never.Task }));
        using CancellationTokenSource cancellation = new();
        using ByteArrayContent content = new(s_image);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Task<HttpResponseMessage> asked = http.PostAsync("http://anywhere.invalid/v2/models/digits/infer", content, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }
}
