using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Mixing;
using Funion.Network;
using Funion.Sphinx;

namespace Funion.IntegrationTests;

[Collection(MemoryNetworkCollection.Name)]
public sealed class IngressTests(MemoryNetworkFixture network) : IDisposable
{
    const string Binary = "application/octet-stream";

    // One connection, so that a limit per connection is met.
    readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = network.Host.Gateway };

    NetworkDocument Document => network.Host.Signed.Document;

    SphinxGeometry Geometry => new(Document.Geometry.UserPayload, Document.Geometry.Hops);

    int PollSize => MailboxRequest.Size(Document.Mailbox.PacketsPerPoll);

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("/v1/packets", -1)]
    [InlineData("/v1/mailbox", -1)]
    [InlineData("/v1/mailbox", 1)]
    public async Task A_body_of_another_size_is_refused(string route, int more)
    {
        int size = route == "/v1/packets" ? Geometry.PacketSize : PollSize;
        await AssertProblemAsync(await PostAsync(route, new byte[size + more]), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_body_larger_than_any_is_not_even_read() =>
        await AssertProblemAsync(await PostAsync("/v1/packets", new byte[Geometry.PacketSize + 1]), HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("/v1/packets")]
    [InlineData("/v1/mailbox")]
    public async Task Another_content_type_is_refused(string route)
    {
        int size = route == "/v1/packets" ? Geometry.PacketSize : PollSize;
        await AssertProblemAsync(await PostAsync(route, new byte[size], "text/plain"), HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("POST", "/v1/nothing")]
    [InlineData("GET", "/v1/packets/1")]
    public async Task An_unknown_route_is_not_found(string method, string route) =>
        await AssertProblemAsync(await SendAsync(method, route), HttpStatusCode.NotFound);

    [Theory]
    [InlineData("GET", "/v1/packets")]
    [InlineData("GET", "/v1/mailbox")]
    [InlineData("PUT", "/v1/packets")]
    [InlineData("DELETE", "/v1/mailbox")]
    [InlineData("POST", "/v1/network")]
    [InlineData("POST", "/v1/health/live")]
    public async Task Another_method_is_not_allowed(string method, string route) =>
        await AssertProblemAsync(await SendAsync(method, route), HttpStatusCode.MethodNotAllowed);

    [Fact]
    public async Task A_junk_poll_is_refused()
    {
        byte[] junk = new byte[PollSize];
        junk.AsSpan().Fill(0xff);
        await AssertProblemAsync(await PostAsync("/v1/mailbox", junk), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_junk_packet_of_the_right_size_is_taken_like_any_other()
    {
        using HttpResponseMessage answer = await PostAsync("/v1/packets", RandomNumberGenerator.GetBytes(Geometry.PacketSize));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_poll_of_an_empty_mailbox_has_exactly_m_entries()
    {
        byte[] cursor = new byte[Document.Mailbox.PacketsPerPoll * SurbId.Size];
        byte[] poll = new MailboxRequest(RandomNumberGenerator.GetBytes(MailboxRequest.SecretSize), 0, cursor).ToBytes();
        using HttpResponseMessage answer = await PostAsync("/v1/mailbox", poll);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Document.Mailbox.PacketsPerPoll * MailboxAnswer.EntrySize(Geometry), (await answer.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task A_connection_that_is_too_fast_is_told_to_wait()
    {
        // Refused for its size, and counted all the same.
        for (int i = 0; i < 20_000; i++)
        {
            HttpResponseMessage answer = await PostAsync("/v1/packets", [1]);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.True(i >= 256, "A burst of 256 is allowed.");
                Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
                await AssertProblemAsync(answer, HttpStatusCode.TooManyRequests);
                return;
            }
            answer.Dispose();
        }
        Assert.Fail("No limit was met.");
    }

    [Fact]
    public async Task The_document_it_serves_is_signed_by_the_authorities()
    {
        byte[] served = await _http.GetByteArrayAsync("/v1/network");
        DocumentVerdict verdict = new NetworkTrust(network.Host.Trusted).Check(served, DateTimeOffset.UtcNow, null, out NetworkDocument? document);
        Assert.Equal(DocumentVerdict.Accepted, verdict);
        Assert.Equal(Document.Hash(), document!.Hash());
    }

    [Theory]
    [InlineData("/v1/health/live")]
    [InlineData("/v1/health/ready")]
    public async Task It_is_well(string route) => Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", route)).StatusCode);

    Task<HttpResponseMessage> SendAsync(string method, string route) => _http.SendAsync(new HttpRequestMessage(new HttpMethod(method), route));

    Task<HttpResponseMessage> PostAsync(string route, byte[] body, string type = Binary)
    {
        ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return _http.PostAsync(route, content);
    }

    static async Task AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode? status = null)
    {
        Assert.Equal(status ?? answer.StatusCode, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.Equal((int)answer.StatusCode, (int)JsonNode.Parse(body)!["status"]!);
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", body, StringComparison.Ordinal);
    }
}
